import WebServer

/// A WebSocket that is closed, with 4401 or 4403, when its caller may not stay.
final class WatchedSession: WebSocketSession {
    private let session: any WebSocketSession
    private let admission: Admission
    private let access = AccessEnd()

    /// Watches over `session`.
    init(_ session: any WebSocketSession, _ admission: Admission) {
        self.session = session
        self.admission = admission
    }

    func opened(_ wake: SocketWake) {
        session.opened(wake)
        access.start(admission) { wake.wake() }
    }

    func received(_ message: WebSocketMessage) {
        if access.reason == nil { session.received(message) }
    }

    func pull() -> FramePull {
        guard let reason = access.reason else { return session.pull() }
        return .close(code: reason.code.rawValue, reason: CloseCode.reason(reason.text))
    }

    func closed() {
        access.stop()
        session.closed()
    }
}
