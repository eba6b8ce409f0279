import ByteBlocks
import Synchronization
import WebServer

/// A log as an HTTP body: text, or server-sent events.
///
/// A body that cannot be finished is cut, so that no client takes it for the whole.
final class LogBody: BodySource {
    private let output: LogOutput
    /// Sent before the body's end: the last event of an event stream.
    private let trailer: BodyTrailer
    private let window: Mutex<ByteWindow?>
    private let wake = Mutex<SocketWake?>(nil)

    /// A body of what `output` gives, then `trailer`; only what `window` lets through.
    init(_ output: LogOutput, window: ByteWindow? = nil, trailer: [UInt8] = []) {
        self.output = output
        self.trailer = BodyTrailer(trailer)
        self.window = Mutex(window)
    }

    func opened(_ wake: SocketWake) {
        self.wake.withLock { $0 = wake }
    }

    func pull() -> BodyPull {
        guard let wake = wake.withLock({ $0 }) else { return .wait }
        if window.withLock({ $0?.isOver ?? false }) { return .end }
        switch output.next(wake: { wake.wake() }) {
        case .block(let block):
            return .bytes(window.withLock { $0?.cut(block) ?? block })
        case .wait: return .wait
        case .end: return trailer.take().map { .bytes($0) } ?? .end
        case .cut, .failed: return .abort
        }
    }

    func closed() {
        output.close()
    }
}
