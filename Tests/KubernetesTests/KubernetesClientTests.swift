import HTTPClient
import LogModel
import Logging
import ScriptedHTTP
import Synchronization
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(5)))
struct KubernetesClientTests {
    /// Credentials that count how often they were refused.
    actor CountedCredentials: CredentialSource {
        private(set) var refused: [Credential] = []
        func authorization() -> Credential {
            Credential(authorization: "Bearer t\(refused.count)")
        }
        func invalidate(_ used: Credential) { refused.append(used) }
    }

    /// Serves `answer`, lends a client of that server, and ends both.
    func withClient<Value: Sendable>(
        credentials: any CredentialSource = CountedCredentials(), path: String = "",
        impersonation: [HTTPField] = [], settings: KubernetesClientSettings = .init(),
        answer: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Answer,
        _ body: (KubernetesClient, ScriptedServer) async throws -> Value
    ) async throws -> Value {
        let server = try ScriptedServer(answer)
        let logger = Logger(label: "test")
        let http = try HTTPClient(logger: logger)
        let access = ClusterAccess(
            server: server.url + path, transport: HTTPTransport(proxyURL: ""),
            namespace: "default", name: "test", credentials: credentials,
            impersonation: impersonation)
        let client = KubernetesClient(
            access: access, http: http, logger: logger, userAgent: "podwire/9",
            settings: settings)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(client, server))
        } catch {
            result = .failure(error)
        }
        server.stop()
        await http.close()
        return try result.get()
    }

    @Test func `lists a page with everything that was asked for`() async throws {
        let text = PodTexts.list(
            [PodTexts.pod("a", version: 1)], version: 7, continueToken: "next+/=")
        try await withClient(
            path: "/prefix", impersonation: [HTTPField(name: "Impersonate-User", value: "jane")],
            answer: { _ in .body(text) }
        ) { client, server in
            let list = try await client.list(
                Pod.self, namespace: nil, selector: "a=b,c", continueToken: nil, limit: 500)
            #expect(list.items.map(\.metadata.name) == ["a"])
            #expect(list.resourceVersion == "7")
            #expect(list.continueToken == "next+/=")
            _ = try await client.list(
                Pod.self, namespace: "ns", selector: nil, continueToken: list.continueToken,
                limit: 2)
            let first = server.requests[0]
            #expect(first.path == "/prefix/api/v1/pods")
            #expect(first.query == ["limit": "500", "labelSelector": "a=b,c"])
            #expect(first.fields["user-agent"] == ["podwire/9"])
            #expect(first.fields["authorization"] == ["Bearer t0"])
            #expect(first.fields["accept"] == ["application/json"])
            #expect(first.fields["impersonate-user"] == ["jane"])
            #expect(server.requests[1].path == "/prefix/api/v1/namespaces/ns/pods")
            #expect(server.requests[1].query["continue"] == "next+/=")
        }
    }

    @Test func `a refused credential is replaced and the request repeated once`() async throws {
        let credentials = CountedCredentials()
        try await withClient(
            credentials: credentials,
            answer: { request in
                request.fields["authorization"] == ["Bearer t0"]
                    ? .body(PodTexts.status(401, "Unauthorized"), status: 401) : .body("line\n")
            }
        ) { client, server in
            let response = try await client.openLog(
                PodLogRequest(namespace: "ns", pod: "p", container: "c"))
            #expect(response.status == 200)
            #expect(try await response.body.collect(upTo: 100) == Array("line\n".utf8))
            #expect(server.requests.count == 2)
            #expect(await credentials.refused == [Credential(authorization: "Bearer t0")])
        }
    }

    @Test func `a second refusal is an error`() async throws {
        try await withClient(answer: { _ in
            .body(PodTexts.status(401, "Unauthorized"), status: 401)
        }) { client, server in
            let error = await #expect(throws: KubernetesError.self) { try await client.ready() }
            #expect(error?.status == 401)
            #expect(error?.isRetriable == false)
            #expect(server.requests.count == 2)
        }
    }

    @Test func `a wait is asked for in the answer, and is a minute at most`() async throws {
        try await withClient(answer: { _ in
            .body("unavailable", status: 503, fields: ["Retry-After: 3600"])
        }) { client, _ in
            let error = await #expect(throws: KubernetesError.self) { try await client.ready() }
            #expect(error?.retryAfter == .seconds(60))
        }
    }

    @Test func `an error carries what the server said`() async throws {
        try await withClient(answer: { _ in
            .body(
                PodTexts.status(429, "TooManyRequests", "slow down"), status: 429,
                fields: ["Retry-After: 4"])
        }) { client, _ in
            let error = await #expect(throws: KubernetesError.self) {
                try await client.list(
                    Pod.self, namespace: nil, selector: nil, continueToken: nil, limit: 1)
            }
            #expect(error?.retryAfter == .seconds(4))
            #expect(error?.isRetriable == true)
            #expect(
                error?.description
                    == "cannot list pods: the API server answered 429 TooManyRequests: slow down")
        }
    }

    @Test(arguments: [
        (500, true), (502, true), (503, true), (504, true), (408, true), (403, false),
        (400, false),
    ])
    func `an error says whether to try again`(status: Int, isRetriable: Bool) async throws {
        try await withClient(answer: { _ in .body("<html>", status: status) }) { client, _ in
            let error = await #expect(throws: KubernetesError.self) { try await client.ready() }
            #expect(error?.status == status)
            #expect(error?.kubernetesStatus == nil)
            #expect(error?.isRetriable == isRetriable)
        }
    }

    @Test func `a list that is no list, or cut, is an error`() async throws {
        try await withClient(answer: { request in
            request.index == 0 ? .body("[]") : .init(parts: ["{\"meta"], ending: .cut)
        }) { client, _ in
            for isRetriable in [false, true] {
                let error = await #expect(throws: KubernetesError.self) {
                    try await client.list(
                        Pod.self, namespace: nil, selector: nil, continueToken: nil, limit: 1)
                }
                #expect(error?.isRetriable == isRetriable)
            }
        }
    }

    @Test func `only the 404 of the Pod itself means that there is none`() async throws {
        try await withClient(answer: { request in
            let kind = request.index == 0 ? "pods" : "namespaces"
            return .body(
                PodTexts.status(404, "NotFound", details: "{\"kind\":\"\(kind)\"}"), status: 404)
        }) { client, _ in
            let pod = try await client.pod(namespace: "ns", name: "p")
            #expect(pod == nil)
            await #expect(throws: KubernetesError.self) {
                try await client.pod(namespace: "ns", name: "p")
            }
        }
    }

    @Test func `a Job is told from none, and from a cluster without Jobs`() async throws {
        try await withClient(answer: { request in
            switch request.index {
            case 0: .body(JobTexts.job("etl"))
            case 1:
                .body(
                    PodTexts.status(
                        404, "NotFound", details: "{\"name\":\"etl\",\"kind\":\"jobs\"}"),
                    status: 404)
            default: .body("404 page not found\n", status: 404)
            }
        }) { client, server in
            let job = try await client.job(namespace: "ns", name: "etl")
            #expect(job?.metadata.uid == "uid-etl")
            #expect(server.requests[0].path == "/apis/batch/v1/namespaces/ns/jobs/etl")
            let none = try await client.job(namespace: "ns", name: "etl")
            #expect(none == nil)
            let error = await #expect(throws: KubernetesError.self) {
                try await client.job(namespace: "ns", name: "etl")
            }
            #expect(error?.description == "cannot read job ns/etl: the API server answered 404")
        }
    }

    @Test func `a log request returns any status with its body`() async throws {
        let text = PodTexts.status(400, "BadRequest", "container is waiting to start")
        try await withClient(answer: { _ in .body(text, status: 400) }) { client, server in
            let response = try await client.openLog(
                PodLogRequest(namespace: "ns", pod: "p", container: "c", follow: true))
            #expect(response.status == 400)
            let body = try await response.body.collect(upTo: 1000)
            #expect(KubernetesStatus.decode(body)?.message == "container is waiting to start")
            #expect(
                server.requests[0].target
                    == "/api/v1/namespaces/ns/pods/p/log?container=c&follow=true&timestamps=true")
        }
    }

    @Test func `a watch gives its events, then its clean end`() async throws {
        let event = PodTexts.event("ADDED", PodTexts.pod("a", version: 8))
        let parts = [String(event.prefix(20)), String(event.dropFirst(20)) + PodTexts.bookmark(9)]
        try await withClient(answer: { request in
            request.isWatch ? .init(parts: parts) : .body(PodTexts.list([], version: 7))
        }) { client, server in
            _ = try await client.list(
                Pod.self, namespace: nil, selector: nil, continueToken: nil, limit: 1)
            let watch = try await client.watch(
                Pod.self, namespace: "ns", selector: "a", resourceVersion: "7")
            guard case .added(let pod) = try await watch.next() else {
                Issue.record("no event")
                return
            }
            #expect(pod.metadata.name == "a")
            #expect(try await watch.next() == .bookmark(resourceVersion: "9"))
            #expect(try await watch.next() == nil)
            #expect(
                server.requests[1].query == [
                    "watch": "1", "allowWatchBookmarks": "true", "resourceVersion": "7",
                    "labelSelector": "a",
                ])
            #expect(server.requests[1].connection != server.requests[0].connection)
        }
    }

    @Test(arguments: [
        ScriptedServer.Answer(parts: ["{\"type\":"], ending: .cut),
        ScriptedServer.Answer(parts: ["{\"type\":"], ending: .clean),
        ScriptedServer.Answer(parts: ["not JSON\n"], ending: .open),
        ScriptedServer.Answer(parts: [String(repeating: "x", count: 2000)], ending: .open),
        ScriptedServer.Answer(parts: [], ending: .open),
    ])
    func `a watch that is cut, wrong, too large or silent throws`(
        answer: ScriptedServer.Answer
    ) async throws {
        var settings = KubernetesClientSettings()
        settings.eventLimit = 1000
        // Only where silence is meant: a busy machine may make some before a cut, too.
        if answer.parts.isEmpty { settings.watchTimeouts.idle = .milliseconds(200) }
        try await withClient(settings: settings, answer: { _ in answer }) { client, _ in
            let watch = try await client.watch(
                Pod.self, namespace: nil, selector: nil, resourceVersion: "1")
            let error = await #expect(throws: KubernetesError.self) { try await watch.next() }
            #expect(error?.isSilence == answer.parts.isEmpty)
        }
    }

    @Test func `a server that is not there is an error that passes`() async throws {
        try await withClient(answer: { _ in .body("") }) { client, server in
            server.stop()
            let error = await #expect(throws: KubernetesError.self) { try await client.ready() }
            #expect(error?.status == nil)
            #expect(error?.isRetriable == true)
        }
    }

    @Test func `a cancelled task throws that it is cancelled`() async throws {
        try await withClient(answer: { _ in .init(ending: .open) }) { client, _ in
            let watch = try await client.watch(
                Pod.self, namespace: nil, selector: nil, resourceVersion: "1")
            await #expect(throws: CancellationError.self) {
                try await withThrowingTaskGroup { group in
                    group.addTask { _ = try await watch.next() }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
        }
    }
}
