import HTTPClient
import Kubernetes
import LogModel
import Logging
import ScriptedHTTP
import Store
import Testing

@testable import StatusFetcher

@Suite("Doubts that the cluster is asked about", .timeLimit(.minutes(5)))
struct DoubtServiceTests {
    private actor NoCredentials: CredentialSource {
        func authorization() -> Credential { Credential(authorization: "Bearer t") }
        func invalidate(_: Credential) {}
    }

    /// How often the service may still look before it is stopped.
    private actor Looks {
        private var left: Int
        init(_ left: Int) { self.left = left }
        func take() throws {
            guard left > 0 else { throw CancellationError() }
            left -= 1
        }
    }

    private let fixture = StatusFetcherTests()
    private let owner = Pod.OwnerReference(
        apiVersion: "batch/v1", kind: "Job", name: "p", uid: "job-p")

    private func evicted(_ name: String) -> Pod {
        PodFixture.pod(name, phase: "Failed", node: "n", reason: "Evicted", owner: owner)
    }

    /// A Job `p` that has failed and counted two Pods.
    private func batchJob(_ selector: [String: String]) -> BatchJob {
        BatchJob(
            metadata: ObjectMetadata(name: "p", namespace: "default", uid: "job-p"),
            spec: BatchJob.Spec(selector: selector),
            status: BatchJob.Status(
                failed: 2, conditions: [Condition(type: "Failed", status: "True")]))
    }

    private static func list(_ names: [String]) -> String {
        let pods = names.map { name in
            """
            {"metadata":{"name":"\(name)","namespace":"default","uid":"uid-\(name)",\
            "ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"p","uid":"job-p",\
            "controller":true}]},"spec":{"containers":[{"name":"main"}]},"status":{"phase":"Running"}}
            """
        }
        return """
            {"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},\
            "items":[\(pods.joined(separator: ","))]}
            """
    }

    /// Looks twice, so that a doubt is asked for once.
    ///
    /// - Parameters:
    ///   - fetcher: has the doubt.
    ///   - selector: that of the watch.
    ///   - pods: what the cluster has, by the label selector that it is asked with.
    /// - Throws: what the server or the store throws.
    private func ask(
        _ fetcher: StatusFetcher, selector: String?,
        pods: @escaping @Sendable (String?) -> [String]
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = try ScriptedServer { .body(Self.list(pods($0.query["labelSelector"]))) }
        let http = try HTTPClient(logger: logger)
        let access = ClusterAccess(
            server: server.url, transport: HTTPTransport(proxyURL: ""), namespace: "default",
            name: "test", credentials: NoCredentials())
        let looks = Looks(2)
        let service = DoubtService(
            client: KubernetesClient(access: access, http: http, logger: logger),
            statusFetcher: fetcher, selector: selector, logger: logger,
            clock: WatchClock(now: { ContinuousClock.now }, sleep: { _ in try await looks.take() }))
        await #expect(throws: CancellationError.self) { try await service.run() }
        #expect(server.requests.count == 1)
        server.stop()
        await http.close()
        try await fixture.settle(fetcher)
    }

    @Test("a Job of which only some Pods are watched ends without the others")
    func watchedInPart() async throws {
        try await fixture.withFetcher { fetcher, store in
            await fetcher.observe(.updated(batchJob(["run": "7"])))
            await fetcher.observe(.updated(evicted("p-1")))
            try await fixture.settle(fetcher)
            let told = try await fixture.feed(store)
            #expect(told.last == "status running")
            try await ask(fetcher, selector: "app in (x,y)") { asked in
                asked == "app in (x,y),run=7" ? ["p-1"] : ["p-1", "p-2"]
            }
            #expect(try await fixture.feed(store) == told + ["status end", "end failure"])
        }
    }

    @Test(
        "Pods without the labels of their Job's controller are waited for",
        arguments: [["run": "7"], [:]])
    func ownSelector(selector: [String: String]) async throws {
        let expected = selector.isEmpty ? nil : "run=7"
        try await fixture.withFetcher { fetcher, store in
            await fetcher.observe(.updated(batchJob(selector)))
            await fetcher.observe(.updated(evicted("p-1")))
            try await fixture.settle(fetcher)
            let told = try await fixture.feed(store)
            try await ask(fetcher, selector: nil) { $0 == expected ? ["p-1", "p-2"] : [] }
            #expect(try await fixture.feed(store) == told)
            await fetcher.observe(.updated(evicted("p-2")))
            try await fixture.settle(fetcher)
            #expect(try await fixture.feed(store) == told + ["status end", "end failure"])
        }
    }
}
