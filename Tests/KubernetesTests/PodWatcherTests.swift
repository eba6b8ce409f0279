import HTTPClient
import Logging
import ScriptedHTTP
import Synchronization
import Testing

@testable import Kubernetes

/// The whole watcher against a server on a real socket, with time that passes only when it is asked.
@Suite(.timeLimit(.minutes(5)))
struct PodWatcherTests {
    /// Puts events into a stream, in words.
    struct Recorder: PodObserver {
        let events: AsyncStream<String>.Continuation

        func observe(_ event: PodEvent) async {
            switch event {
            case .replaced(let pods, let namespace):
                let names = pods.map(\.metadata.name).joined(separator: ",")
                events.yield("replaced \(namespace ?? "*"): \(names)")
            case .updated(let pod): events.yield("updated \(pod.metadata.name)")
            case .deleted(let pod): events.yield("deleted \(pod.metadata.name)")
            }
        }
    }

    /// A clock that goes on by each delay that is asked for, without waiting.
    final class JumpingClock: Sendable {
        private let state = Mutex((now: ContinuousClock.now, delays: [Duration]()))
        var delays: [Duration] { state.withLock { $0.delays } }
        /// The time that passes between two looks at the clock.
        let pace: Duration

        init(pace: Duration) {
            self.pace = pace
        }

        var clock: WatchClock {
            WatchClock(
                now: {
                    self.state.withLock { state in
                        state.now += self.pace
                        return state.now
                    }
                },
                sleep: { delay in
                    try Task.checkCancellation()
                    self.state.withLock { state in
                        state.now += delay
                        state.delays.append(delay)
                    }
                })
        }
    }

    struct Outcome: Sendable {
        var events: [String]
        var requests: [ScriptedServer.Request]
        var delays: [Duration]
        var health: WatchHealth
    }

    /// Runs a watcher against `answer` until it has told of `count` events.
    func run(
        until count: Int, namespaces: [String] = [], pace: Duration = .zero,
        settings: KubernetesClientSettings = .init(),
        answer: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Answer
    ) async throws -> Outcome {
        let clock = JumpingClock(pace: pace)
        return try await KubernetesClientTests().withClient(settings: settings, answer: answer) {
            client, server in
            let watcher = PodWatcher(
                client: client, namespaces: namespaces, selector: nil,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
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
                    events: seen, requests: server.requests, delays: clock.delays,
                    health: watcher.health)
                group.cancelAll()
                let end = await group.nextResult()
                guard case .failure(let error) = end else {
                    Issue.record("the watcher ended by itself")
                    return outcome
                }
                #expect(error is CancellationError)
                return outcome
            }
        }
    }

    static func list(_ names: [String], _ version: Int, _ token: String? = nil)
        -> ScriptedServer.Answer
    {
        .body(
            PodTexts.list(
                names.map { PodTexts.pod($0, version: version) }, version: version,
                continueToken: token))
    }

    static let expired = PodTexts.status(410, "Expired", "too old")

    @Test func `lists in pages, watches from there, and passes every event on`() async throws {
        let outcome = try await run(until: 4) { request in
            if request.isWatch {
                return .init(
                    parts: [
                        PodTexts.event("ADDED", PodTexts.pod("c", version: 6)),
                        PodTexts.event("MODIFIED", PodTexts.pod("a", version: 7)),
                        PodTexts.event("DELETED", PodTexts.pod("b", version: 8)),
                    ], ending: .open)
            }
            return request.query["continue"] == "p2"
                ? Self.list(["b"], 5) : Self.list(["a"], 5, "p2")
        }
        #expect(outcome.events == ["replaced *: a,b", "updated c", "updated a", "deleted b"])
        #expect(outcome.requests.map { $0.query["limit"] } == ["500", "500", nil])
        #expect(outcome.requests[2].query["resourceVersion"] == "5")
        #expect(outcome.health == WatchHealth(synced: true))
        #expect(outcome.delays.isEmpty)
    }

    @Test func `a streaming list refused with 422 is never asked for, pages serve every server`()
        async throws
    {
        let outcome = try await run(until: 2) { request in
            if request.query["sendInitialEvents"] != nil {
                return .body(PodTexts.status(422, "Invalid", "forbidden"), status: 422)
            }
            if request.isWatch {
                return .init(
                    parts: [PodTexts.event("ADDED", PodTexts.pod("b", version: 6))],
                    ending: .open)
            }
            return Self.list(["a"], 5)
        }
        #expect(outcome.events == ["replaced *: a", "updated b"])
        #expect(outcome.requests.allSatisfy { $0.query["sendInitialEvents"] == nil })
        #expect(outcome.requests.allSatisfy { $0.query["resourceVersionMatch"] == nil })
        #expect(outcome.delays.isEmpty)
    }

    @Test func `an expired continue token starts the list again`() async throws {
        let outcome = try await run(until: 1) { request in
            switch request.index {
            case 0: Self.list(["old"], 5, "p2")
            case 1: .body(Self.expired, status: 410)
            case 2: Self.list(["new"], 9)
            default: .init(ending: .open)
            }
        }
        #expect(outcome.events == ["replaced *: new"])
        #expect(outcome.requests[2].query["continue"] == nil)
    }

    @Test(arguments: [
        ScriptedServer.Answer.body(expired, status: 410),
        .init(parts: [PodTexts.event("ERROR", expired)], ending: .open),
        .init(parts: [PodTexts.event("ERROR", PodTexts.status(410, "Gone"))], ending: .clean),
    ])
    func `an expired watch is answered with a list`(answer: ScriptedServer.Answer) async throws {
        let outcome = try await run(until: 2) { request in
            switch request.index {
            case 0: Self.list(["a"], 5)
            case 1: answer
            case 2: Self.list(["b"], 9)
            default: .init(ending: .open)
            }
        }
        #expect(outcome.events == ["replaced *: a", "replaced *: b"])
        #expect(outcome.delays.count == 1)
    }

    @Test func `a watch that ends cleanly goes on from its last version`() async throws {
        let outcome = try await run(until: 2, pace: .seconds(60)) { request in
            switch request.index {
            case 0: Self.list([], 5)
            case 1: .init(parts: [PodTexts.bookmark(77)])
            case 2:
                .init(
                    parts: [PodTexts.event("ADDED", PodTexts.pod("a", version: 78))], ending: .open)
            default: .init(ending: .open)
            }
        }
        #expect(outcome.events == ["replaced *: ", "updated a"])
        #expect(outcome.requests[2].query["resourceVersion"] == "77")
        #expect(outcome.delays.isEmpty)
    }

    @Test func `a server that ends watches at once is not hammered`() async throws {
        let outcome = try await run(until: 2) { request in
            switch request.index {
            case 0: Self.list([], 5)
            case 1...8: .init()
            default: .init(parts: [PodTexts.event("ADDED", PodTexts.pod("a", version: 9))])
            }
        }
        #expect(outcome.delays.count >= 8)
        for (delay, step) in zip(outcome.delays, [1, 2, 4, 8, 16, 30, 30, 30]) {
            #expect(delay >= .seconds(step) / 2 && delay <= .seconds(step))
        }
    }

    @Test func `errors and cuts are waited out, and the Pods listed again`() async throws {
        let outcome = try await run(until: 2) { request in
            switch request.index {
            case 0: .body("broken", status: 500)
            case 1: Self.list(["a"], 5)
            case 2: .init(parts: [], ending: .cut)
            case 3: .body(PodTexts.status(403, "Forbidden"), status: 403)
            case 4: .init(parts: ["{\"type\""], ending: .cut)
            case 5: Self.list(["a"], 6)
            default: .init(ending: .open)
            }
        }
        #expect(outcome.events == ["replaced *: a", "replaced *: a"])
        #expect(outcome.delays.count == 4)
        #expect(outcome.requests[3].query["resourceVersion"] == "5")
    }

    @Test func `a silent watch is renewed from its last version`() async throws {
        var settings = KubernetesClientSettings()
        settings.watchTimeouts.idle = .milliseconds(200)
        let outcome = try await run(until: 2, pace: .seconds(300), settings: settings) { request in
            switch request.index {
            case 0: Self.list([], 5)
            case 1: .init(parts: [PodTexts.bookmark(6)], ending: .open)
            case 2: .init(parts: [PodTexts.event("ADDED", PodTexts.pod("a", version: 7))])
            default: .init(ending: .open)
            }
        }
        #expect(outcome.events == ["replaced *: ", "updated a"])
        #expect(outcome.requests[2].query["resourceVersion"] == "6")
        #expect(outcome.delays.isEmpty)
    }

    @Test func `each namespace has a loop of its own`() async throws {
        let outcome = try await run(until: 2, namespaces: ["b", "a", "b"]) { request in
            request.isWatch
                ? .init(ending: .open)
                : Self.list([request.path.contains("namespaces/a/") ? "in-a" : "in-b"], 5)
        }
        #expect(outcome.events.sorted() == ["replaced a: in-a", "replaced b: in-b"])
    }
}
