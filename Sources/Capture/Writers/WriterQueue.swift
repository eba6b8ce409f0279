package import LogModel
import Synchronization

/// What one ``LogWriter`` has not taken yet of one stream, bounded in bytes.
///
/// At the bound the writer is cut off: it gets what is queued, and is then told what it missed. So
/// it never slows the stream down, and never misses a line without knowing.
package final class WriterQueue: Sendable {
    private struct State {
        var batches: [NumberedBatch] = []
        var bytes = 0
        var missedFrom: Int64?
        var endedAt: Int64?
    }

    private let writer: any LogWriter
    private let stream: StreamID
    private let limit: Int
    private let state = Mutex(State())
    private let wake = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// A queue of at most `limit` bytes of text; a single larger batch is taken when it is empty.
    package init(writer: any LogWriter, stream: StreamID, limit: Int) {
        self.writer = writer
        self.stream = stream
        self.limit = limit
    }

    /// Queues a batch. Never waits.
    package func offer(_ batch: NumberedBatch) {
        state.withLock { state in
            guard state.missedFrom == nil else { return }
            if state.bytes > 0, state.bytes + batch.batch.byteCount > limit {
                state.missedFrom = batch.first
            } else {
                state.batches.append(batch)
                state.bytes += batch.batch.byteCount
            }
        }
        wake.continuation.yield()
    }

    /// Says that nothing follows; `line` is the number behind the last line.
    package func end(at line: Int64) {
        state.withLock { $0.endedAt = line }
        wake.continuation.yield()
    }

    /// Hands over what is queued, until the end, until the writer is cut off, or until cancelled.
    package func run() async {
        for await _ in wake.stream {
            while let batch = next() {
                do {
                    try await writer.write(batch, of: stream)
                } catch {
                    state.withLock { $0.missedFrom = batch.first }
                    await writer.cutOff(at: batch.first, of: stream, reason: "it failed: \(error)")
                    return
                }
            }
            let (missed, ended) = state.withLock { ($0.missedFrom, $0.endedAt) }
            if let missed {
                await writer.cutOff(
                    at: missed, of: stream, reason: "it was more than \(limit) bytes behind")
                return
            }
            if let ended {
                await writer.ended(at: ended, of: stream)
                return
            }
        }
    }

    private func next() -> NumberedBatch? {
        state.withLock { state in
            guard !state.batches.isEmpty else { return nil }
            let batch = state.batches.removeFirst()
            state.bytes -= batch.batch.byteCount
            return batch
        }
    }
}
