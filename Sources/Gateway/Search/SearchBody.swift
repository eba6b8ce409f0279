import Synchronization
import WebServer

/// The results of a search as an HTTP body.
///
/// A search that cannot be finished says why, as far as its form can: JSON with a last record
/// `{"error": STATUS}`, text with a last line, and a body that is cut, so that no client takes it
/// for the whole.
final class SearchBody: BodySource {
    private let output: SearchOutput
    private let onClose: @Sendable () -> Void
    private let wake = Mutex<SocketWake?>(nil)

    /// A body of what comes into `output`; `onClose` is called when the client wants no more.
    init(_ output: SearchOutput, onClose: @escaping @Sendable () -> Void) {
        self.output = output
        self.onClose = onClose
    }

    func opened(_ wake: SocketWake) {
        self.wake.withLock { $0 = wake }
    }

    func pull() -> BodyPull {
        guard let wake = wake.withLock({ $0 }) else { return .wait }
        return switch output.take(wake: { wake.wake() }) {
        case .block(let block): .bytes(block)
        case .wait: .wait
        case .end(.complete): .end
        case .end(.cut): .abort
        }
    }

    func closed() {
        onClose()
    }
}
