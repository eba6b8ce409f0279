import Foundation
import HTTPClient
import Kubernetes
import Logging
import ScriptedHTTP
import Testing

@testable import Access

@Suite(.timeLimit(.minutes(5))) struct KubernetesAccessTests {
    private struct NoCredentials: CredentialSource {
        func authorization() -> Credential { Credential(authorization: "Bearer podwire") }
        func invalidate(_ used: Credential) {}
    }

    /// Runs `body` with an API server that answers `reply` to every review.
    private func with(
        status: Int = 201, _ reply: String,
        _ body: (KubernetesAccess, ScriptedServer) async throws -> Void
    ) async throws {
        let server = try ScriptedServer { _ in .body(reply, status: status) }
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let http = try HTTPClient(logger: logger)
        let client = KubernetesClient(
            access: ClusterAccess(
                server: server.url, transport: HTTPTransport(proxyURL: ""),
                namespace: "default", name: "test", credentials: NoCredentials()),
            http: http, logger: logger)
        let result: Result<Void, any Error>
        do {
            try await body(
                KubernetesAccess(client, keepsFor: .seconds(10), logger: logger), server)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        server.stop()
        await http.close()
        try result.get()
    }

    private let token = BearerToken("secret-token")

    @Test func `a token is sent in the body, as whoever Podwire is, and says whose it is`()
        async throws
    {
        let reply = """
            {"kind":"TokenReview","status":{"authenticated":true,"user":{"username":"u","uid":"1",
            "groups":["a","b"],"extra":{"scope":["x"]}},"audiences":["api"]}}
            """
        try await with(reply) { access, server in
            let identity = try await access.identity(of: try #require(token))
            #expect(
                identity
                    == Identity(
                        name: "u", uid: "1", groups: ["a", "b"], extra: ["scope": ["x"]]))
            let request = try #require(server.requests.first)
            #expect(request.target == "/apis/authentication.k8s.io/v1/tokenreviews")
            #expect(request.fields["authorization"] == ["Bearer podwire"])
            let body = try #require(
                try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any])
            #expect(body["kind"] as? String == "TokenReview")
            #expect((body["spec"] as? [String: String]) == ["token": "secret-token"])
        }
    }

    @Test(arguments: [
        #"{"status":{}}"#, #"{"status":{"authenticated":false,"error":"expired"}}"#,
        #"{"status":{"authenticated":true}}"#,
        #"{"status":{"authenticated":false,"user":{"username":"u"}}}"#,
        #"{"status":{"authenticated":true,"user":{"groups":["g"]}}}"#,
    ])
    func `a token that is nobody's is nobody's`(reply: String) async throws {
        try await with(reply) { access, _ in
            let identity = try await access.identity(of: try #require(token))
            #expect(identity == nil)
        }
    }

    @Test(
        arguments: [
            (Permission.readLogs, "ns", "get", "log"), (.readPods, "ns", "get", ""),
            (.control, "ns", "update", ""), (.readPods, nil, "get", ""),
            (.listPods, "ns", "list", ""), (.watchPods, nil, "watch", ""),
        ] as [(Permission, String?, String, String)])
    func `a right is asked for with everything that is known of its user`(
        permission: Permission, namespace: String?, verb: String, subresource: String
    ) async throws {
        try await with(#"{"status":{"allowed":true}}"#) { access, server in
            let identity = Identity(name: "u", uid: "1", groups: ["g"], extra: ["k": ["v"]])
            let isAllowed = try await access.allows(identity, Right(permission, in: namespace))
            #expect(isAllowed)
            let request = try #require(server.requests.first)
            #expect(request.target == "/apis/authorization.k8s.io/v1/subjectaccessreviews")
            struct Review: Decodable {
                struct Spec: Decodable {
                    let user: String
                    let uid: String
                    let groups: [String]
                    let extra: [String: [String]]
                    let resourceAttributes: [String: String]
                }
                let spec: Spec
            }
            let spec = try JSONDecoder().decode(Review.self, from: Data(request.body)).spec
            #expect(spec.user == "u" && spec.uid == "1" && spec.groups == ["g"])
            #expect(spec.extra == ["k": ["v"]])
            #expect(
                spec.resourceAttributes == [
                    "namespace": namespace ?? "", "verb": verb, "group": "", "resource": "pods",
                    "subresource": subresource,
                ])
        }
    }

    @Test func `users whose names are one to Unicode are two`() async throws {
        let names = ["Kim", "\u{212A}im"]
        #expect(names[0] == names[1], "the second begins with the Kelvin sign")
        try await with(#"{"status":{"allowed":true}}"#) { access, server in
            for name in names + names {
                let isAllowed = try await access.allows(
                    Identity(name: name), Right(.readLogs, in: "ns"))
                #expect(isAllowed)
            }
            #expect(server.requests.count == 2, "each is asked about, once")
        }
    }

    @Test(arguments: [
        #"{"status":{"allowed":false,"reason":"no"}}"#, #"{"status":{}}"#,
        #"{"status":{"allowed":true,"denied":true}}"#,
    ])
    func `what is not clearly allowed is not allowed`(reply: String) async throws {
        try await with(reply) { access, _ in
            let right = Right(.readPods, in: "a")
            let isAllowed = try await access.allows(Identity(name: "u"), right)
            #expect(!isAllowed)
        }
    }

    @Test(arguments: [
        (403, "{}", "system:auth-delegator"), (500, "{}", "500"), (201, "no JSON", "reached"),
        (429, "{}", "429"),
    ])
    func `an API server that does not answer is told of, without the token`(
        status: Int, reply: String, words: String
    ) async throws {
        try await with(status: status, reply) { access, _ in
            let token = try #require(token)
            let error = await #expect(throws: AccessError.self) {
                try await access.identity(of: token)
            }
            guard case .unavailable(let reason)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.contains(words) && !reason.contains("secret"))
        }
    }
}
