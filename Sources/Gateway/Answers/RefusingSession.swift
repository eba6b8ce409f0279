import WebServer

/// A WebSocket that is closed as soon as it is open.
///
/// A browser shows its page nothing of an upgrade that was refused over HTTP, not even the status:
/// it takes a close frame to tell it what is wrong, and that asking again is of no use.
final class RefusingSession: WebSocketSession {
    private let refusal: StatusResponse

    /// Closes with the code and the message of `refusal`.
    init(_ refusal: StatusResponse) {
        self.refusal = refusal
    }

    func opened(_ wake: SocketWake) {}
    func received(_ message: WebSocketMessage) {}
    func closed() {}

    func pull() -> FramePull {
        .close(
            code: CloseCode(refusal).rawValue, reason: CloseCode.reason(refusal.message))
    }
}
