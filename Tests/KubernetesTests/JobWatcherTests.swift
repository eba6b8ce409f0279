import Logging
import ScriptedHTTP
import Synchronization
import Testing

@testable import Kubernetes

/// The watcher of Jobs against a server on a real socket, above all where there are none to watch.
@Suite(.timeLimit(.minutes(5)))
struct JobWatcherTests {
    /// Puts what it hears into a stream, in words.
    struct Recorder: JobObserver {
        let events: AsyncStream<String>.Continuation

        func observe(_ event: JobEvent) async {
            switch event {
            case .replaced(let jobs, let namespace):
                let names = jobs.map(\.metadata.name).joined(separator: ",")
                events.yield("replaced \(namespace ?? "*"): \(names)")
            case .updated(let job): events.yield("updated \(job.metadata.name)")
            case .deleted(let job): events.yield("deleted \(job.metadata.name)")
            }
        }

        func unavailable(_ reason: String, namespace: String?) async {
            events.yield("unavailable \(namespace ?? "*"): \(reason)")
        }
    }

    /// Keeps what is logged above `debug`.
    final class LogRecord: Sendable {
        struct Handler: LogHandler {
            let record: LogRecord
            var logLevel = Logger.Level.info
            var metadata = Logger.Metadata()
            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }
            func log(event: LogEvent) {
                let values = (event.metadata ?? [:]).mapValues { "\($0)" }
                record.lines.withLock { $0.append((event.level, "\(event.message)", values)) }
            }
        }

        private let lines = Mutex<[(Logger.Level, String, [String: String])]>([])
        var logger: Logger { Logger(label: "test") { _ in Handler(record: self) } }

        /// The messages of a level, and what belongs to them.
        func messages(_ level: Logger.Level) -> [(text: String, metadata: [String: String])] {
            lines.withLock { $0.filter { $0.0 == level }.map { ($0.1, $0.2) } }
        }
    }

    struct Outcome: Sendable {
        var events: [String]
        var paths: [String]
        var delays: [Duration]
        var health: WatchHealth
        var log: LogRecord
    }

    /// Runs a watcher against `answer` until it has told of `count` events.
    func run(
        until count: Int, namespaces: [String] = [],
        answer: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Answer
    ) async throws -> Outcome {
        let clock = PodWatcherTests.JumpingClock(pace: .zero)
        let log = LogRecord()
        return try await KubernetesClientTests().withClient(answer: answer) { client, server in
            let watcher = JobWatcher(
                client: client, namespaces: namespaces, selector: nil, logger: log.logger,
                clock: clock.clock)
            let (stream, events) = AsyncStream.makeStream(of: String.self)
            return await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await watcher.run(observer: Recorder(events: events)) }
                var seen: [String] = []
                for await event in stream {
                    seen.append(event)
                    if seen.count == count { break }
                }
                let outcome = Outcome(
                    events: seen, paths: server.requests.map(\.path), delays: clock.delays,
                    health: watcher.health, log: log)
                group.cancelAll()
                guard case .failure(let error) = await group.nextResult() else {
                    Issue.record("the watcher ended by itself")
                    return outcome
                }
                #expect(error is CancellationError)
                return outcome
            }
        }
    }

    static func refusal(_ status: Int) -> ScriptedServer.Answer {
        switch status {
        case 403:
            .body(
                PodTexts.status(
                    403, "Forbidden", "jobs.batch is forbidden: User podwire cannot list"),
                status: 403)
        case 404: .body("404 page not found\n", status: 404)
        default: .body(PodTexts.status(status, "MethodNotAllowed"), status: status)
        }
    }

    static func list(_ names: [String], _ version: Int) -> ScriptedServer.Answer {
        .body(JobTexts.list(names, version: version))
    }

    static func watch(_ type: String, _ name: String, _ version: Int) -> ScriptedServer.Answer {
        .init(
            parts: [PodTexts.event(type, JobTexts.job(name, version: version))], ending: .open)
    }

    @Test func `lists and watches Jobs`() async throws {
        let outcome = try await run(until: 4, namespaces: ["ns"]) { request in
            request.isWatch
                ? .init(
                    parts: [
                        PodTexts.event("ADDED", JobTexts.job("b", version: 6)),
                        PodTexts.bookmark(7),
                        PodTexts.event("MODIFIED", JobTexts.job("a", version: 8)),
                        PodTexts.event("DELETED", JobTexts.job("b", version: 9)),
                    ], ending: .open)
                : Self.list(["a"], 5)
        }
        #expect(outcome.events == ["replaced ns: a", "updated b", "updated a", "deleted b"])
        #expect(outcome.paths.allSatisfy { $0 == "/apis/batch/v1/namespaces/ns/jobs" })
        #expect(outcome.health == WatchHealth(synced: true))
        #expect(outcome.delays.isEmpty)
    }

    @Test(arguments: [403, 404, 405])
    func `a cluster without Jobs is told of once, asked rarely, and taken up when it has them`(
        status: Int
    ) async throws {
        let outcome = try await run(until: 3) { request in
            switch request.index {
            case 0..<4: Self.refusal(status)
            case 4: Self.list(["a"], 5)
            default: Self.watch("ADDED", "b", 6)
            }
        }
        #expect(outcome.events.count == 3)
        #expect(
            outcome.events[0].hasPrefix(
                "unavailable *: cannot list jobs: the API server answered \(status)"))
        #expect(outcome.events[1...] == ["replaced *: a", "updated b"])
        #expect(outcome.delays == Array(repeating: .seconds(300), count: 4))
        #expect(outcome.health == WatchHealth(synced: true))

        let notices = outcome.log.messages(.notice)
        #expect(
            notices.map(\.text) == [
                "a resource cannot be watched here", "a resource can be watched now",
            ])
        #expect(notices[0].metadata["resource"] == "jobs.batch")
        #expect(notices[0].metadata["needs"] == "get, list, watch on jobs.batch")
        #expect(
            notices[0].metadata["meaning"] == "the status of jobs is read from their Pods alone")
        #expect(outcome.log.messages(.warning).isEmpty)
    }

    @Test func `a permission to list alone does not make Jobs come and go`() async throws {
        let outcome = try await run(until: 3) { request in
            if !request.isWatch { return Self.list(["a"], request.index) }
            return request.index < 6 ? Self.refusal(403) : .init(ending: .open)
        }
        #expect(outcome.events[0] == "replaced *: a")
        #expect(outcome.events[1].hasPrefix("unavailable *: cannot watch jobs"))
        #expect(outcome.events[2] == "replaced *: a")
        #expect(outcome.delays == Array(repeating: .seconds(300), count: 3))
    }

    @Test func `a permission that is taken away while watching is told of`() async throws {
        let outcome = try await run(until: 3) { request in
            switch request.index {
            case 0: Self.list(["a"], 5)
            case 1:
                .init(
                    parts: [
                        PodTexts.event("MODIFIED", JobTexts.job("a", version: 6)),
                        PodTexts.event("ERROR", PodTexts.status(403, "Forbidden")),
                    ], ending: .open)
            default: .init(ending: .open)
            }
        }
        #expect(outcome.events[..<2] == ["replaced *: a", "updated a"])
        #expect(outcome.events[2].hasPrefix("unavailable *: cannot watch jobs"))
        #expect(outcome.health.synced)
    }

    @Test func `a server that is merely broken is asked again soon`() async throws {
        let outcome = try await run(until: 1) { request in
            switch request.index {
            case 0..<3: .body("broken", status: 503)
            case 3: Self.list(["a"], 5)
            default: .init(ending: .open)
            }
        }
        #expect(outcome.events == ["replaced *: a"])
        #expect(outcome.delays.count == 3)
        #expect(outcome.delays.allSatisfy { $0 <= .seconds(4) })
        #expect(outcome.log.messages(.warning).count == 3)
    }

    @Test func `each namespace has its own permission`() async throws {
        let outcome = try await run(until: 2, namespaces: ["a", "b"]) { request in
            if request.path.contains("/namespaces/a/") { return Self.refusal(403) }
            return request.isWatch ? .init(ending: .open) : Self.list(["x"], 5)
        }
        let events = outcome.events.sorted()
        #expect(events[0] == "replaced b: x")
        #expect(events[1].hasPrefix("unavailable a: "))
    }
}
