import ByteBlocks
import Dispatch
import Foundation
import Glibc
import Logging
import Synchronization
import WebServer

/// Runs `body` beside a server, on a thread of its own: it may block. Then the server is stopped.
func withServer(
    _ handler: some RequestHandler,
    _ adjust: (inout WebServerSettings) -> Void = { _ in },
    _ body: @escaping @Sendable (Int) throws -> Void
) async throws {
    let server = try await startServer(handler, adjust)
    let result = await onThread { Result { try body(server.port) } }
    await server.stop(closing: 1001, reason: "the test is over")
    try result.get()
}

/// Runs `body` where it may block, and hands on what it throws.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
{
    try await onThread { Result { try body() } }.get()
}

func startServer(
    _ handler: some RequestHandler, _ adjust: (inout WebServerSettings) -> Void = { _ in }
) async throws -> WebServer {
    var settings = WebServerSettings()
    adjust(&settings)
    return try await WebServer.start(settings, handler: handler, logger: quietLogger)
}

var quietLogger: Logger {
    Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// Runs `body` where it may block.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        startThread { continuation.resume(returning: body()) }
    }
}

/// Something that happens once, on any thread, and is waited for on a blocked one.
final class Event: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let number = Atomic(0)

    var count: Int { number.load(ordering: .sequentiallyConsistent) }

    func signal() {
        number.add(1, ordering: .sequentiallyConsistent)
        semaphore.signal()
    }

    /// Whether it happened within a minute.
    func wait() -> Bool {
        semaphore.wait(timeout: .now() + 60) == .success
    }
}

/// Answers with closures.
struct TestHandler: RequestHandler {
    var answer: @Sendable (ServerRequest) async -> ServerResponse = { _ in
        .full(ResponseHead(status: 200), body: Array("ok".utf8))
    }
    var decide: @Sendable (ServerRequest) async -> UpgradeDecision = { _ in
        .refuse(ResponseHead(status: 404), body: Array("no".utf8))
    }

    func respond(to request: ServerRequest) async -> ServerResponse { await answer(request) }
    func upgrade(_ request: ServerRequest) async -> UpgradeDecision { await decide(request) }

    /// Waits until the task is cancelled, as a handler that has nothing to say does.
    static func untilCancelled() async {
        let (nothing, end) = AsyncStream.makeStream(of: Void.self)
        for await _ in nothing {}
        end.finish()
    }
}

/// A body whose blocks the test hands out.
final class TestSource: BodySource {
    private struct State {
        var pulls: [BodyPull] = []
        var pulled = 0
        var wake: SocketWake?
    }

    let opening = Event()
    let closing = Event()
    private let state = Mutex(State())
    private let thread = Mutex<ThreadClock?>(nil)
    /// What is handed out when nothing else is left.
    private let rest: BodyPull

    init(_ pulls: [BodyPull] = [], rest: BodyPull = .wait) {
        self.rest = rest
        state.withLock { $0.pulls = pulls }
    }

    var pulled: Int { state.withLock { $0.pulled } }
    var wake: SocketWake? { state.withLock { $0.wake } }
    /// The CPU time of the server's thread.
    var serverTime: Duration { thread.withLock { $0 }?.used ?? .zero }

    func opened(_ wake: SocketWake) {
        state.withLock { $0.wake = wake }
        thread.withLock { $0 = ThreadClock() }
        opening.signal()
    }

    func pull() -> BodyPull {
        state.withLock { state in
            if !state.pulls.isEmpty {
                state.pulled += 1
                return state.pulls.removeFirst()
            }
            if case .bytes = rest { state.pulled += 1 }
            return rest
        }
    }

    func closed() { closing.signal() }

    func add(_ pull: BodyPull) {
        state.withLock { $0.pulls.append(pull) }
        wake?.wake()
    }
}

/// A session whose frames the test hands out, and that keeps what it received.
final class TestSession: WebSocketSession {
    private struct State {
        var pulls: [FramePull] = []
        var pulled = 0
        var wake: SocketWake?
        var messages: [WebSocketMessage] = []
    }

    let opening = Event()
    let closing = Event()
    let reception = Event()
    private let state = Mutex(State())
    private let rest: FramePull
    private let echoes: Bool

    init(_ pulls: [FramePull] = [], rest: FramePull = .wait, echoes: Bool = false) {
        self.rest = rest
        self.echoes = echoes
        state.withLock { $0.pulls = pulls }
    }

    var pulled: Int { state.withLock { $0.pulled } }
    var messages: [WebSocketMessage] { state.withLock { $0.messages } }
    var wake: SocketWake? { state.withLock { $0.wake } }

    func opened(_ wake: SocketWake) {
        state.withLock { $0.wake = wake }
        opening.signal()
    }

    func received(_ message: WebSocketMessage) {
        state.withLock { $0.messages.append(message) }
        reception.signal()
        guard echoes else { return }
        switch message {
        case .text(let text): add(.text(ByteBlock(text.utf8)))
        case .binary(let bytes): add(.binary(ByteBlock(bytes)))
        }
    }

    func pull() -> FramePull {
        state.withLock { state in
            guard !state.pulls.isEmpty else {
                if case .wait = rest { return rest }
                state.pulled += 1
                return rest
            }
            state.pulled += 1
            return state.pulls.removeFirst()
        }
    }

    func closed() { closing.signal() }

    func add(_ pull: FramePull) {
        state.withLock { $0.pulls.append(pull) }
        wake?.wake()
    }
}

func block(_ text: String) -> ByteBlock { ByteBlock(text.utf8) }

/// The body of an error, as the default settings write it, begins with the status.
extension TestResponse {
    var isOwnError: Bool { text.hasPrefix("\(status) ") && fields["connection"] == "close" }
}

/// The CPU time of a server's thread, measured from anywhere.
struct ThreadClock: Sendable {
    private var clock = clockid_t()

    /// The clock of the thread that calls.
    init() {
        pthread_getcpuclockid(pthread_self(), &clock)
    }

    var used: Duration {
        var time = timespec()
        clock_gettime(clock, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

/// Whether something becomes true within a minute: the system shows a thread that was joined, and a
/// server a socket whose client has closed it, for a moment more.
func settles(_ condition: () -> Bool) -> Bool {
    let end = ContinuousClock.now + .seconds(60)
    while !condition() {
        guard ContinuousClock.now < end else { return false }
        sched_yield()
    }
    return true
}

/// How many threads of this process are a server's.
func serverThreads() -> Int {
    var count = 0
    forEachEntry("/proc/self/task") { task in
        if text("/proc/self/task/\(task)/comm")?.hasPrefix("podwire-server") == true { count += 1 }
    }
    return count
}

func openDescriptors() -> Int {
    var count = 0
    forEachEntry("/proc/self/fd") { _ in count += 1 }
    return count
}

/// Whether a sanitizer is at work, which keeps memory of its own: freed blocks, to find their late
/// use, or what each thread did last. What is resident then says little about ours.
let isSanitized = dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil

/// Resident memory in KiB.
func residentKiB() -> Int {
    guard let statm = text("/proc/self/statm") else { return 0 }
    return (Int(statm.split(separator: " ")[1]) ?? 0) * 4
}

private func forEachEntry(_ path: String, _ body: (String) -> Void) {
    guard let directory = opendir(path) else { return }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if !name.hasPrefix(".") { body(name) }
    }
}

private func text(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
}

/// Runs `body` on another thread, without waiting for it.
func startThread(_ body: @escaping @Sendable () -> Void) {
    Thread.detachNewThread(body)
}

/// Hands a value over to another thread; the giver does not use it again.
final class Handover<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }
}
