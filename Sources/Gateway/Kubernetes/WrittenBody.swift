import ByteBlocks
import Logging
import Synchronization
import WebServer

/// A body that a task writes, block after block, of which it holds one at a time: the task waits
/// until the socket has taken it.
///
/// The task is the bridge from the server's thread to the store; it starts with the body and is
/// cancelled with it.
final class WrittenBody: BodySource {
    /// Takes what is written next; returns when there is room for more.
    typealias Send = @Sendable ([UInt8]) async throws -> Void

    private struct State {
        var block: ByteBlock?
        /// The writer that waits for the block to be taken.
        var sender: CheckedContinuation<Void, any Error>?
        /// How the body ends once the block is taken.
        var end: BodyPull?
        var isClosed = false
        var task: Task<Void, Never>?
        var wake: SocketWake?
    }

    private let write: @Sendable (Send) async throws -> Void
    private let logger: Logger
    private let state = Mutex(State())

    /// A body of what `write` sends. Where it throws, the body is cut, so that no client takes what
    /// it has for the whole.
    init(logger: Logger, write: @escaping @Sendable (Send) async throws -> Void) {
        self.logger = logger
        self.write = write
    }

    func opened(_ wake: SocketWake) {
        state.withLock { $0.wake = wake }
        let task = Task {
            var end = BodyPull.end
            do {
                try await write { [self] bytes in try await send(bytes) }
            } catch is CancellationError {
                end = .abort
            } catch {
                logger.error("a body could not be written", metadata: ["error": "\(error)"])
                end = .abort
            }
            state.withLock { $0.end = end }
            wake.wake()
        }
        let isClosed = state.withLock { state in
            state.task = task
            return state.isClosed
        }
        if isClosed { task.cancel() }
    }

    func pull() -> BodyPull {
        let (pull, sender) = state.withLock { state in
            guard let block = state.block else { return (state.end ?? .wait, nil as Sender?) }
            defer { (state.block, state.sender) = (nil, nil) }
            return (.bytes(block), state.sender)
        }
        sender?.resume()
        return pull
    }

    func closed() {
        let (task, sender) = state.withLock { state in
            state.isClosed = true
            defer { (state.block, state.sender, state.task) = (nil, nil, nil) }
            return (state.task, state.sender)
        }
        task?.cancel()
        sender?.resume(throwing: CancellationError())
    }

    private typealias Sender = CheckedContinuation<Void, any Error>

    private func send(_ bytes: [UInt8]) async throws {
        if bytes.isEmpty { return }
        try await withCheckedThrowingContinuation { (sender: Sender) in
            let wake = state.withLock { state -> SocketWake? in
                guard !state.isClosed, let wake = state.wake else { return nil }
                state.block = ByteBlock(bytes)
                state.sender = sender
                return wake
            }
            if let wake { wake.wake() } else { sender.resume(throwing: CancellationError()) }
        }
    }
}
