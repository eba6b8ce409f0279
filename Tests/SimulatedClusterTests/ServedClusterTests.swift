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
            try watch.send("GET", "/api/v1/pods?watch=true&timeoutSeconds=300")
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

    @Test func `a Job is created, suspended, resumed and complete, as kubectl asks for it`()
        async throws
    {
        try await Self.serve { _, port in
            let path = "/apis/batch/v1/namespaces/default/jobs"
            func request(
                _ method: String, _ target: String, _ body: String = "", _ type: String? = nil
            ) async throws -> RawClient.Reply {
                let client = try RawClient(port: port)
                try client.send(method, target, body: body, contentType: type)
                return try await client.reply()
            }
            let watch = try RawClient(port: port)
            try watch.send("GET", "\(path)?watch=true&timeoutSeconds=300")
            let manifest = """
                {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"etl"},"spec":{
                "suspend":true,"template":{"metadata":{"annotations":{
                "sim.podwire.dev/rate":"1000","sim.podwire.dev/start-delay":"0s"}},
                "spec":{"restartPolicy":"Never","containers":[{"name":"main"}]}}}}
                """
            let query = "?fieldManager=kubectl-create&fieldValidation=Strict"
            let made = try await request("POST", path + query, manifest, "application/json")
            #expect(made.status == 201)
            let patched = try await request(
                "PATCH", "\(path)/etl?fieldManager=kubectl-patch", #"{"spec":{"suspend":false}}"#,
                "application/strategic-merge-patch+json")
            #expect(patched.status == 200)
            let seen = try await watch.reply(until: #""type":"Complete""#)
            #expect(seen.body.contains(#""reason":"CompletionsReached""#))
            let pods = try await request(
                "GET", "/api/v1/pods?labelSelector=batch.kubernetes.io%2Fjob-name%3Detl")
            #expect(pods.body.contains(#""phase":"Succeeded""#))
            let deleted = try await request(
                "DELETE", "\(path)/etl", #"{"propagationPolicy":"Background"}"#,
                "application/json")
            #expect(deleted.status == 200)
            #expect(try await request("GET", "\(path)/etl").status == 404)
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
            try running.send("GET", "/api/v1/pods?watch=true&timeoutSeconds=300")
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

    /// Creates a Pod `p` that has written all its lines and runs on, and returns the text of its
    /// first lines.
    private static func create(
        in cluster: Cluster, lines: Int, faults: String, first: Int
    ) throws -> (uid: String, text: String) {
        var main = ContainerScript(name: "main")
        main.log.lines = lines
        main.log.rate = 0
        main.startDelay = .zero
        main.exitDelay = .seconds(60)
        main.logFaults = LogFault.list(faults).faults
        var script = JobScript(containers: [main])
        script.scheduleDelay = .zero
        let record = try cluster.create(
            PodBlueprint(namespace: "default", name: "p", script: script))
        let text = LogText(seed: 0, container: "main", attempt: 0, script: main.log)
        let texts = (0..<first).map { String(decoding: text.line($0), as: UTF8.self) + "\n" }
        return (record.uid, texts.joined())
    }

    /// Waits until the last of a Pod's lines can be read, for a minute at most.
    private static func wait(forLine number: Int, uid: String, port: Int) async throws {
        let path = "/simulation/log/\(uid)/main/0?from=\(number)"
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            let client = try RawClient(port: port)
            try client.send("GET", path)
            let reply = try await client.reply()
            if reply.status == 200, !reply.body.isEmpty { return }
        }
        Issue.record("line \(number) was not written")
    }

    @Test func `a client sees a cut as an error, behind everything that was sent before`()
        async throws
    {
        try await Self.serve { cluster, port in
            let (uid, text) = try Self.create(
                in: cluster, lines: 50_000, faults: "cut@40000;end@40000", first: 40_001)
            try await Self.wait(forLine: 49_999, uid: uid, port: port)
            let cut = try RawClient(port: port)
            try cut.send("GET", "/api/v1/namespaces/default/pods/p/log?follow=true")
            let broken = try await cut.reply()
            #expect(!broken.isComplete)
            #expect(broken.body.utf8.count == 40_000 * 80 + 40)
            #expect(text.hasPrefix(broken.body))
            let end = try RawClient(port: port)
            try end.send("GET", "/api/v1/namespaces/default/pods/p/log?follow=true")
            let whole = try await end.reply()
            #expect(whole.isComplete)
            #expect(whole.body == text.dropLast(80))
        }
    }

    @Test func `a slow answer comes late, and the truth tells it`() async throws {
        try await Self.serve { cluster, port in
            let (uid, text) = try Self.create(
                in: cluster, lines: 3, faults: "slow:200ms", first: 3)
            try await Self.wait(forLine: 2, uid: uid, port: port)
            let begin = ContinuousClock.now
            let client = try RawClient(port: port)
            try client.send("GET", "/api/v1/namespaces/default/pods/p/log")
            #expect(try await client.reply().body == text)
            #expect(ContinuousClock.now - begin >= .milliseconds(200))
            let truth = try RawClient(port: port)
            try truth.send("GET", "/simulation/streams")
            let told = try await truth.reply()
            #expect(told.isComplete)
            #expect(told.body.contains(#""from":0,"to":3"#))
            #expect(told.body.contains(#""fault":"slow:200ms""#))
        }
    }
}
