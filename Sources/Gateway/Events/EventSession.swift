import Logging
import Store
import Synchronization
import WebServer

/// The event feed over WebSocket: one CloudEvent a text frame, the same bytes for every reader.
final class EventSession: WebSocketSession {
    private let reader: any EventSource
    private let logger: Logger
    private let wake = Mutex<SocketWake?>(nil)
    private let due = Mutex<ArraySlice<EventRecord>>([])

    /// A session of what `reader` gives.
    init(_ reader: any EventSource, logger: Logger) {
        self.reader = reader
        self.logger = logger
    }

    func opened(_ wake: SocketWake) {
        self.wake.withLock { $0 = wake }
    }

    /// Readers have nothing to say; what they send is ignored.
    func received(_ message: WebSocketMessage) {}

    func pull() -> FramePull {
        guard let wake = wake.withLock({ $0 }) else { return .wait }
        if let event = due.withLock({ $0.popFirst() }) { return .text(event.json) }
        switch reader.next(wake: { wake.wake() }) {
        case .events(let events):
            due.withLock { $0 = events.dropFirst() }
            return events.first.map { .text($0.json) } ?? .wait
        case .wait: return .wait
        case .end:
            let code = CloseCode.goingAway.rawValue
            return .close(code: code, reason: "the daemon goes down")
        case .closed(let code, let reason):
            return .close(code: code.rawValue, reason: CloseCode.reason(reason))
        case .failed(let refusal as StatusResponse):
            let code = CloseCode(refusal).rawValue
            return .close(code: code, reason: CloseCode.reason(refusal.message))
        case .failed(let error):
            logger.error("events could not be read", metadata: ["error": "\(error)"])
            let reason = StatusResponse.internalError.message
            return .close(code: CloseCode.storeFailed.rawValue, reason: reason)
        }
    }

    func closed() {
        reader.close()
        due.withLock { $0 = [] }
    }
}
