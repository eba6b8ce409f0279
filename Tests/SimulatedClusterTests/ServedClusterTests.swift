import LogModel
import Logging
import SimulatedCluster
import Testing
import WebServer

/// The simulated cluster over real sockets and the real clock.
struct ServedClusterTests {
    /// Runs `body` with a served cluster, and stops it whatever happens.
    private static func serve(_ body: (Cluster, Int) async throws -> Void) async throws {
        let timers = TimerQueue()
        let cluster = Cluster(settings: ClusterSettings(), clock: SystemClock(), timers: timers)
        let thread = TimerThread(queue: timers)
        thread.start()
        defer { thread.stop() }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = try await WebServer.start(
            WebServerSettings(), handler: KubernetesAPI(cluster: cluster), logger: logger)
        do {
            try await body(cluster, server.port)
        } catch {
            await server.stop(closing: 1001, reason: "test")
            throw error
        }
        await server.stop(closing: 1001, reason: "test")
    }

    private static let manifest = """
        {"kind":"Pod","metadata":{"name":"p","annotations":{"sim.podwire.dev/rate":"1000",
        "sim.podwire.dev/schedule-delay":"0s","sim.podwire.dev/start-delay":"0s"}},
        "spec":{"containers":[{"name":"main"}]}}
        """

    @Test func `a Pod is created, watched to its end, and its log read`() async throws {
        try await Self.serve { _, port in
            let watch = try RawClient(port: port)
            try watch.send("GET", "/api/v1/pods?watch=true&timeoutSeconds=30")
            let create = try RawClient(port: port)
            try create.send("POST", "/api/v1/namespaces/default/pods", body: Self.manifest)
            #expect(try await create.reply().status == 201)
            let seen = try await watch.reply(until: #""phase":"Succeeded""#)
            #expect(seen.body.contains(#""type":"ADDED""#))
            let log = try RawClient(port: port)
            try log.send("GET", "/api/v1/namespaces/default/pods/p/log?follow&tailLines=1")
            #expect(try await log.reply().body == "JOB_OUT lines=50\n")
        }
    }

    @Test func `a follower is sent every byte while the job runs`() async throws {
        try await Self.serve { cluster, port in
            var main = ContainerScript(name: "main")
            main.log.lines = 2_000
            main.log.rate = 4_000
            main.startDelay = .zero
            var script = JobScript(containers: [main])
            script.scheduleDelay = .zero
            try cluster.create(PodBlueprint(namespace: "default", name: "p", script: script))
            let running = try RawClient(port: port)
            try running.send("GET", "/api/v1/pods?watch=true&timeoutSeconds=30")
            _ = try await running.reply(until: #""running":{"#)
            let client = try RawClient(port: port)
            try client.send("GET", "/api/v1/namespaces/default/pods/p/log?follow=true")
            let text = LogText(seed: 0, container: "main", attempt: 0, script: main.log)
            let expected = (0..<2_000)
                .map { String(decoding: text.line($0), as: UTF8.self) + "\n" }.joined()
            #expect(try await client.reply().body == expected)
        }
    }

    @Test func `errors are Status objects`() async throws {
        try await Self.serve { _, port in
            let client = try RawClient(port: port)
            try client.send("GET", "/api/v1/namespaces/default/pods/x")
            let answer = try await client.reply()
            #expect(answer.status == 404)
            #expect(answer.body.contains(#""message":"pods \"x\" not found""#))
        }
    }
}
