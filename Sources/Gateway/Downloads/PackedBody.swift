import ByteBlocks
import Compression
import Logging
import Store
import Synchronization
import WebServer
import Workers

/// A log as an HTTP body with a `Content-Encoding`, packed on threads of its own while it is sent.
///
/// It holds one block of the log and what that was packed into, and reads no further until the
/// client has taken it: a slow client costs no more than a fast one. Where the log is followed each
/// block can be unpacked as soon as it comes.
final class PackedBody<Encoder: BlockEncoder & ~Copyable>: BodySource {
    private struct State {
        var wake: SocketWake?
        var packed: ByteBlock?
        var isPacking = false
        /// Whether nothing comes behind what is packed.
        var isOver = false
        var hasFailed = false
    }

    private let output: LogOutput
    private let flushes: Bool
    private let workers: WorkerThreads
    private let logger: Logger
    private let encoder: Mutex<Encoder>
    private let state = Mutex(State())

    /// A body of what `output` gives.
    init(
        _ output: LogOutput, _ encoder: consuming sending Encoder, flushes: Bool,
        workers: WorkerThreads, logger: Logger
    ) {
        self.output = output
        self.encoder = Mutex(encoder)
        self.flushes = flushes
        self.workers = workers
        self.logger = logger
    }

    func opened(_ wake: SocketWake) {
        state.withLock { $0.wake = wake }
    }

    func pull() -> BodyPull {
        let (ready, wake) = state.withLock { state -> (BodyPull?, SocketWake?) in
            if let block = state.packed.take() { return (.bytes(block), nil) }
            if state.hasFailed { return (.abort, nil) }
            if state.isPacking { return (.wait, nil) }
            return (state.isOver ? .end : nil, state.wake)
        }
        if let ready { return ready }
        guard let wake else { return .wait }
        switch output.next(wake: { wake.wake() }) {
        case .block(let block): return pack(block, wake)
        case .wait: return .wait
        case .end: return pack(nil, wake)
        case .cut, .failed: return .abort
        }
    }

    func closed() {
        output.close()
    }

    /// Has the next block packed, or the end written.
    private func pack(_ block: ByteBlock?, _ wake: SocketWake) -> BodyPull {
        state.withLock { $0.isPacking = true }
        let isAccepted = workers.submit {
            let result = Result {
                try self.encoder.withLock { encoder in
                    if let block { return try encoder.encode(block, flush: self.flushes) }
                    return try encoder.finish()
                }
            }
            self.keep(result, isOver: block == nil)
            wake.wake()
        }
        return isAccepted ? .wait : .abort
    }

    private func keep(_ result: Result<ByteBlock, any Error>, isOver: Bool) {
        state.withLock { state in
            state.isPacking = false
            state.isOver = isOver
            switch result {
            case .success(let block): state.packed = block.count == 0 ? nil : block
            case .failure(let error):
                state.hasFailed = true
                logger.error("a log could not be packed", metadata: ["error": "\(error)"])
            }
        }
    }
}

/// Packs blocks into zstd frames, one for each, as the store does.
struct ZstdEncoder: ~Copyable, BlockEncoder {
    private var compressor: ZstdCompressor

    /// Makes an encoder; throws when there is no memory for it.
    init() throws(StoreError) {
        compressor = try ZstdCompressor()
    }

    mutating func encode(_ block: ByteBlock, flush: Bool) -> ByteBlock {
        block.count == 0 ? block : compressor.frame(block)
    }

    mutating func finish() -> ByteBlock { ByteBlock([]) }
}
