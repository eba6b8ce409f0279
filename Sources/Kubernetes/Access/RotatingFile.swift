import Logging
import Synchronization

/// A file that something else replaces from time to time, such as a service account's token.
///
/// Reading it blocks the caller for as long as a small local file takes. May be used from anywhere.
final class RotatingFile: Sendable {
    /// How long its bytes are used before it is read again: 60 s. The kubelet replaces a token when
    /// a fifth of its time is left, so this may be minutes late.
    static let period: Duration = .seconds(60)

    private struct State {
        var contents: [UInt8]?
        var readAt: ContinuousClock.Instant?
    }

    /// Where it is.
    let path: String
    private let logger: Logger
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    init(
        _ path: String, logger: Logger,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.path = path
        self.logger = logger
        self.now = now
    }

    /// Its bytes, at most ``period`` old. When it cannot be read any more, the last ones.
    func contents() throws -> [UInt8] {
        let now = now()
        let known = state.withLock { state -> [UInt8]? in
            guard let readAt = state.readAt, readAt.duration(to: now) < Self.period else {
                return nil
            }
            return state.contents
        }
        if let known { return known }
        do {
            let contents = try FileBytes.read(path)
            state.withLock { $0 = State(contents: contents, readAt: now) }
            return contents
        } catch {
            let last = state.withLock { state in
                state.readAt = now
                return state.contents
            }
            guard let last else {
                throw KubeconfigError(file: path, reason: "cannot be read: \(error)")
            }
            logger.warning(
                "a credential file cannot be read, its last contents are used",
                metadata: ["file": "\(path)", "error": "\(error)"])
            return last
        }
    }

    /// Makes the next ``contents()`` read the file again.
    func forget() {
        state.withLock { $0.readAt = nil }
    }
}
