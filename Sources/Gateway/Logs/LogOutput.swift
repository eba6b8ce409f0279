import ByteBlocks
import Logging
import Store
import Synchronization

/// What one reader of a log is sent, block by block: reads, renders and keeps what is due next.
///
/// Shared by the HTTP body and the WebSocket session. ``next(wake:)`` is for the server's thread.
final class LogOutput: Sendable {
    /// What comes next.
    enum Step {
        /// A block to send.
        case block(ByteBlock)
        /// Nothing yet; the wake will be called.
        case wait
        /// All was sent.
        case end
        /// The daemon goes down before the end.
        case cut
        /// The store could not be read.
        case failed
    }

    private struct State {
        var rendering: LogRendering
        /// Blocks that are due, the next one last.
        var due: [ByteBlock] = []
    }

    private let reader: LogReader
    private let logger: Logger
    private let state: Mutex<State>

    /// Renders what `reader` gives.
    init(_ reader: LogReader, _ rendering: LogRendering, logger: Logger) {
        self.reader = reader
        self.logger = logger
        self.state = Mutex(State(rendering: rendering))
    }

    /// Takes the next block. After ``Step/wait`` the closure `wake` is called when to ask again.
    func next(wake: @escaping @Sendable () -> Void) -> Step {
        state.withLock { state in
            // Each turn takes a batch that is in memory, so the loop ends with what is there.
            while true {
                if let block = state.due.popLast() { return .block(block) }
                if state.rendering.isFull { return .end }
                switch reader.next(wake: wake) {
                case .lines(let piece):
                    let blocks = state.rendering.render(piece)
                    if blocks.count == 1 { return .block(blocks[0]) }
                    state.due = blocks.reversed()
                case .text(let blocks): state.due = state.rendering.render(blocks).reversed()
                case .lineBreak: state.due = state.rendering.breakLine()
                case .segment(let segment): state.rendering.begin(segment)
                case .wait: return .wait
                case .end: return .end
                case .cut: return .cut
                case .failed(let error):
                    logger.error("a log could not be read", metadata: ["error": "\(error)"])
                    return .failed
                }
            }
        }
    }

    /// Lets go of everything. Idempotent.
    func close() {
        reader.close()
        state.withLock { $0.due = [] }
    }
}
