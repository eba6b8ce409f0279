import Foundation
import HTTPClient
import LogModel
import Logging
import ScriptedHTTP
import Synchronization

@testable import Store
@testable import Webhooks

extension EventRecord {
    /// An event of this number.
    static func sample(_ sequence: Int64) -> EventRecord {
        EventRecord(
            sequence: sequence, time: LogTime(seconds: sequence), type: .jobStatus,
            key: JobKey(namespace: "default", workflow: "w", job: "j"), data: Array("{}".utf8))
    }
}

/// A store, a client, secrets and a clock for deliveries to scripted servers.
final class WebhookRun: Sendable {
    static let secretText = "0123456789abcdef0123456789abcdef"

    let store: Store
    let http: HTTPClient
    let directory: String
    let log = RecordedLog()
    let clock = JumpingClock()

    private init(_ change: (inout StoreSettings) -> Void) throws {
        directory =
            FileManager.default.temporaryDirectory.path + "/podwire-webhook-\(UUID().uuidString)"
        var settings = StoreSettings()
        change(&settings)
        store = try Store.open(
            directory: directory, settings: settings,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        http = try HTTPClient(logger: Logger(label: "test"))
        try write(Self.secretText, to: "secret")
    }

    /// Lends a run to `body`, and takes it down.
    static func with(
        _ change: (inout StoreSettings) -> Void = { _ in },
        _ body: (WebhookRun) async throws -> Void
    ) async throws {
        let run = try WebhookRun(change)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(run))
        } catch {
            result = .failure(error)
        }
        await run.http.close()
        await run.store.close()
        try FileManager.default.removeItem(atPath: run.directory)
        try result.get()
    }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
    }

    /// A target at `url`.
    func target(
        _ url: String, name: String = "engine", filter: EventFilter = EventFilter(),
        timeout: Duration = .seconds(20)
    ) -> WebhookSettings {
        WebhookSettings(
            name: name, url: url, filter: filter, secretFile: "\(directory)/secret",
            timeout: timeout)
    }

    /// Appends events to the feed.
    func emit(_ count: Int, _ type: EventType = .jobStatus, job: String = "j") async throws {
        try await store.write { transaction in
            for _ in 0..<count {
                try transaction.append(
                    event: type, key: JobKey(namespace: "default", workflow: "w", job: job),
                    data: ["to": "running"])
            }
        }
    }

    /// The stored position of a target.
    func position(_ name: String = "engine") async throws -> Int64? {
        try await store.read { try $0.webhookPosition(name) }
    }

    /// The service, its positions looked up.
    func open(_ targets: WebhookSettings...) async throws -> WebhookService {
        try await WebhookService.open(
            targets, store: store, http: http, userAgent: "podwire/9", clock: clock.clock,
            logger: log.logger)
    }

    /// Delivers with `service` while `body` runs, then cancels it and waits for its end.
    func deliver(
        with service: WebhookService, _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await service.run() }
            try await body()
            group.cancelAll()
        }
    }
}

/// A clock that goes on by each delay that is asked for, without waiting.
final class JumpingClock: Sendable {
    static let unixStart: Int64 = 1_700_000_000

    private let start = ContinuousClock.now
    private let state = Mutex((passed: Duration.zero, delays: [Duration]()))
    private let asked: AsyncStream<Duration>.Continuation
    /// Each delay when it is asked for.
    let pauses: AsyncStream<Duration>

    init() {
        (pauses, asked) = AsyncStream.makeStream()
    }

    /// The delays that were asked for.
    var delays: [Duration] { state.withLock { $0.delays } }

    var clock: WebhookClock {
        WebhookClock(
            now: { self.start + self.state.withLock { $0.passed } },
            unixSeconds: {
                Self.unixStart + self.state.withLock { $0.passed }.components.seconds
            },
            sleep: { instant in
                try Task.checkCancellation()
                self.state.withLock { state in
                    let delay = (self.start + state.passed).duration(to: instant)
                    state.passed += delay
                    state.delays.append(delay)
                    self.asked.yield(delay)
                }
            })
    }
}

/// Log entries of level notice and above, for tests to read.
final class RecordedLog: Sendable {
    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .notice

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            let words = all.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
            log.state.withLock { $0.append("\(event.message) \(words)") }
        }
    }

    private let state = Mutex<[String]>([])

    /// The entries so far, with their metadata.
    var entries: [String] { state.withLock { $0 } }

    var logger: Logger {
        Logger(label: "test", factory: { _ in Handler(log: self) })
    }
}

/// A target that answers by script, and tells of each request before it does.
struct ScriptedTarget {
    let server: ScriptedServer
    let requests: AsyncStream<ScriptedServer.Request>

    init(
        _ answer: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Answer = { _ in
            ScriptedServer.Answer()
        }
    ) throws {
        let (requests, arrivals) = AsyncStream.makeStream(of: ScriptedServer.Request.self)
        self.requests = requests
        server = try ScriptedServer { request in
            arrivals.yield(request)
            return answer(request)
        }
    }

    /// The next requests, in order.
    func next(_ count: Int) async -> [ScriptedServer.Request] {
        var found: [ScriptedServer.Request] = []
        for await request in requests {
            found.append(request)
            if found.count == count { break }
        }
        return found
    }

    /// The numbers of the events that came with the next requests.
    func ids(_ count: Int) async -> [String] {
        await next(count).map { $0.fields["webhook-id"]?.first ?? "none" }
    }
}
