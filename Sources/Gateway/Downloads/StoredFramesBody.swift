import ByteBlocks
import Logging
import Store
import Synchronization
import WebServer

/// Lines as the zstd frames that the store has them in: nothing is unpacked.
///
/// It reads ahead while less than ``aheadBytes`` are held, one read of ``readBytes`` of unpacked
/// text at a time. The task of a read is the bridge from the server's thread to the store's readers,
/// and ends with it.
final class StoredFramesBody: BodySource {
    /// Bytes of frames held at which nothing more is read: beyond it the client comes first.
    private static let aheadBytes = 256 << 10
    /// Bytes of unpacked text in one read: some 100 KiB of frames of ordinary logs.
    private static let readBytes = 1 << 20

    private struct State {
        var wake: SocketWake?
        var segments: ArraySlice<LogSegment>
        var next: Int64
        var isInsideLine = false
        var blocks: [ByteBlock] = []
        var isReading = false
        var isClosed = false
        var failure: (any Error)?

        var heldBytes: Int { blocks.reduce(0) { $0 + $1.count } }
    }

    private let store: Store
    private let logger: Logger
    private let state: Mutex<State>

    /// A body of the segments of `plan`, each of which has an end.
    init(_ plan: LogPlan, store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
        state = Mutex(State(segments: plan.segments[...], next: plan.opening.first))
    }

    func opened(_ wake: SocketWake) {
        state.withLock { $0.wake = wake }
    }

    func pull() -> BodyPull {
        state.withLock { state in
            let block = state.blocks.isEmpty ? nil : state.blocks.removeFirst()
            if state.failure == nil, !state.isReading, state.heldBytes < Self.aheadBytes {
                readOn(&state)
            }
            if let block { return .bytes(block) }
            if let failure = state.failure {
                logger.error("a log could not be read", metadata: ["error": "\(failure)"])
                return .abort
            }
            return state.isReading ? .wait : .end
        }
    }

    func closed() {
        state.withLock { state in
            state.isClosed = true
            state.blocks = []
        }
    }

    /// Starts the next read, if there is anything left to read.
    private func readOn(_ state: inout State) {
        while let segment = state.segments.first {
            let end = segment.end ?? segment.stream.lines
            if state.next < end, !state.isClosed {
                state.isReading = true
                let lines = state.next..<end
                let isInsideLine = state.isInsideLine
                Task {
                    await read(segment.stream.row, lines, isInsideLine: isInsideLine)
                }
                return
            }
            state.segments = state.segments.dropFirst()
            state.isInsideLine = false
            if let following = state.segments.first { state.next = following.first }
        }
    }

    private func read(_ stream: Int64, _ lines: Range<Int64>, isInsideLine: Bool) async {
        let result: Result<StoredFrames, any Error>
        do {
            let found = try await store.frames(
                stream: stream, lines: lines, isInsideLine: isInsideLine, bytes: Self.readBytes)
            result =
                found.map { .success($0) }
                ?? .failure(ReadAhead.LinesMissing(stream: stream, line: lines.lowerBound))
        } catch {
            result = .failure(error)
        }
        let wake = state.withLock { state -> SocketWake? in
            state.isReading = false
            guard !state.isClosed else { return nil }
            switch result {
            case .failure(let error): state.failure = error
            case .success(let frames):
                state.next = frames.next
                state.isInsideLine = frames.isInsideLine
                state.blocks.append(frames.block)
            }
            return state.wake
        }
        wake?.wake()
    }
}
