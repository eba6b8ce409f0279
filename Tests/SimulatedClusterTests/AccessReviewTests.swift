import Foundation
import LogModel
import SimulatedCluster
import Testing
import WebServer

struct AccessReviewTests {
    private static let rules = """
        {"tokens":[{"token":"t","user":"u","groups":["g"],"expires":"1970-01-01T00:01:40Z"}],
        "rules":[{"user":"u","namespaces":["a"],"verbs":["get"],"resources":["pods","pods/log"]},
        {"group":"g","namespaces":["*"],"verbs":["update"],"resources":["*"]}]}
        """

    private func api(at seconds: Int64 = 0) throws -> KubernetesAPI {
        let cluster = Cluster(
            settings: ClusterSettings(), clock: SystemClock(), timers: TimerQueue())
        return KubernetesAPI(
            cluster: cluster,
            reviewer: AccessReviewer(
                try AccessRules(Array(Self.rules.utf8)), now: { LogTime(seconds: seconds) }))
    }

    private func ask(
        _ api: KubernetesAPI, _ path: String, _ body: String, method: String = "POST"
    ) async throws -> (status: Int, body: String) {
        let request = try ServerRequest(method: method, target: path, body: Array(body.utf8))
        guard case .full(let head, let body) = await api.respond(to: request) else {
            return (0, "")
        }
        return (head.status, String(decoding: body, as: UTF8.self))
    }

    @Test(
        arguments: [("t", 99, true), ("t", 100, false), ("x", 0, false)] as [(String, Int64, Bool)])
    func `a token is its user's until it expires`(
        token: String, seconds: Int64, isKnown: Bool
    ) async throws {
        let answer = try await ask(
            try api(at: seconds), "/apis/authentication.k8s.io/v1/tokenreviews",
            #"{"spec":{"token":"\#(token)"}}"#)
        #expect(answer.status == 201)
        #expect(answer.body.contains(#""authenticated":true"#) == isKnown)
        #expect(answer.body.contains(#""username":"u""#) == isKnown)
    }

    @Test(arguments: [
        ("get", "pods", "log", "a", true), ("get", "pods", "", "a", true),
        ("get", "pods", "", "b", false), ("get", "pods", "", "", false),
        ("update", "pods", "", "", true), ("delete", "pods", "", "a", false),
    ])
    func `rules of users and groups decide`(
        verb: String, resource: String, subresource: String, namespace: String, isAllowed: Bool
    ) async throws {
        let answer = try await ask(
            try api(), "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            """
            {"spec":{"user":"u","groups":["g"],"resourceAttributes":{"verb":"\(verb)",
            "resource":"\(resource)","subresource":"\(subresource)","namespace":"\(namespace)"}}}
            """)
        #expect(answer.body.contains(#""allowed":\#(isAllowed)"#))
    }

    @Test func `rules are changed while it runs, and reviews are counted`() async throws {
        let api = try api()
        let path = "/apis/authentication.k8s.io/v1/tokenreviews"
        _ = try await ask(api, path, #"{"spec":{"token":"t"}}"#)
        let down = try await ask(
            api, "/simulation/access", #"{"unavailable":true}"#, method: "PUT")
        #expect(down.status == 200)
        #expect(try await ask(api, path, #"{"spec":{"token":"t"}}"#).status == 503)
        let counts = try await ask(api, "/simulation/access", "", method: "GET").body
        #expect(counts.contains(#""tokenReviews":2"#))
        let wrong = try await ask(api, "/simulation/access", #"{"rules":[{}]}"#, method: "PUT")
        #expect(wrong.status == 400)
    }
}
