import ByteBlocks
import Logging
import Synchronization
import WebServer

/// A log over WebSocket.
///
/// The upgrade is accepted at once; the stream is found, and waited for, behind it, because a
/// browser learns nothing of an upgrade that is refused. A refusal closes the socket with its
/// ``CloseCode``.
final class LogSession: WebSocketSession {
    /// What is known once the stream has been found.
    struct Opening: Sendable {
        /// The first frame, for those who count lines.
        let announcement: ByteBlock?
        /// The log itself.
        let output: LogOutput
    }

    private enum State {
        /// Can transition to: reading, closing, closed.
        case finding(Task<Void, Never>?)
        /// Can transition to: closed.
        case reading(LogOutput, announcement: ByteBlock?)
        /// Can transition to: closed.
        case closing(CloseCode, String)
        case closed
    }

    private let subprotocol: LogSubprotocol?
    private let find: @Sendable () async throws -> Opening
    private let logger: Logger
    private let state = Mutex(State.finding(nil))
    private let wake = Mutex<SocketWake?>(nil)

    /// A session that finds its log with `find`, which throws a ``StatusResponse`` to refuse.
    init(
        _ subprotocol: LogSubprotocol?, logger: Logger,
        find: @escaping @Sendable () async throws -> Opening
    ) {
        self.subprotocol = subprotocol
        self.logger = logger
        self.find = find
    }

    /// Starts to find the stream: the task is the bridge from the server's thread to the store, and
    /// is cancelled by ``closed()``.
    func opened(_ wake: SocketWake) {
        self.wake.withLock { $0 = wake }
        let task = Task {
            let found: State
            do {
                let opening = try await find()
                found = .reading(opening.output, announcement: opening.announcement)
            } catch let refusal as StatusResponse {
                found = .closing(CloseCode(refusal), refusal.message)
            } catch is CancellationError {
                return
            } catch {
                logger.error("a log could not be found", metadata: ["error": "\(error)"])
                found = .closing(.storeFailed, StatusResponse.internalError.message)
            }
            enter(found)
            wake.wake()
        }
        state.withLock { state in
            if case .finding(nil) = state { state = .finding(task) }
        }
    }

    /// Readers have nothing to say; what they send is ignored, as Kubernetes does.
    func received(_ message: WebSocketMessage) {}

    func pull() -> FramePull {
        guard let wake = wake.withLock({ $0 }) else { return .wait }
        let (output, announcement) = state.withLock { state -> (LogOutput?, ByteBlock?) in
            guard case .reading(let output, let announcement) = state else { return (nil, nil) }
            state = .reading(output, announcement: nil)
            return (output, announcement)
        }
        if let announcement { return .text(announcement) }
        guard let output else { return closePull }
        return output.pull(wake, endReason: "end of the log") { [subprotocol] block in
            subprotocol == .binary ? .binary(block) : .text(block)
        }
    }

    func closed() {
        let last = state.withLock { state in
            defer { state = .closed }
            return state
        }
        switch last {
        case .finding(let task): task?.cancel()
        case .reading(let output, _): output.close()
        case .closing, .closed: break
        }
    }

    /// While there is nothing to read: wait, or close with the refusal.
    private var closePull: FramePull {
        state.withLock { state in
            guard case .closing(let code, let text) = state else { return .wait }
            return .close(code: code.rawValue, reason: CloseCode.reason(text))
        }
    }

    /// Enters what was found, unless the client has gone meanwhile.
    private func enter(_ found: State) {
        let isKept = state.withLock { state in
            guard case .finding = state else { return false }
            state = found
            return true
        }
        if !isKept, case .reading(let output, _) = found { output.close() }
    }
}

extension LogOutput {
    /// The next frame of a WebSocket that sends this log alone, or how it is closed.
    ///
    /// - Parameters:
    ///   - wake: is woken where there is nothing yet.
    ///   - endReason: what the end of the log is told with.
    ///   - frame: makes a frame of a block.
    /// - Returns: what the server is to do.
    func pull(
        _ wake: SocketWake, endReason: String, frame: (ByteBlock) -> FramePull
    ) -> FramePull {
        switch next(wake: { wake.wake() }) {
        case .block(let block): frame(block)
        case .wait: .wait
        case .end: .close(code: CloseCode.end.rawValue, reason: endReason)
        case .cut: .close(code: CloseCode.goingAway.rawValue, reason: "the daemon goes down")
        case .failed:
            .close(
                code: CloseCode.storeFailed.rawValue, reason: StatusResponse.internalError.message)
        }
    }
}
