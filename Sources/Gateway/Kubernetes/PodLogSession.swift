import Synchronization
import WebServer

/// A log over WebSocket as Kubernetes sends it. The log was found before the upgrade, so that
/// refusals are plain HTTP.
final class PodLogSession: WebSocketSession {
    private let output: LogOutput
    private let subprotocol: PodLogSubprotocol?
    private let wake = Mutex<SocketWake?>(nil)

    /// Sends what `output` gives.
    init(_ output: LogOutput, _ subprotocol: PodLogSubprotocol?) {
        self.output = output
        self.subprotocol = subprotocol
    }

    func opened(_ wake: SocketWake) {
        self.wake.withLock { $0 = wake }
    }

    /// Readers have nothing to say; what they send is ignored, as Kubernetes does.
    func received(_ message: WebSocketMessage) {}

    func pull() -> FramePull {
        guard let wake = wake.withLock({ $0 }) else { return .wait }
        return output.pull(wake, endReason: "") { [subprotocol] block in
            subprotocol == .base64 ? .text(PodLogSubprotocol.base64(block)) : .binary(block)
        }
    }

    func closed() {
        output.close()
    }
}
