import LogModel
import Store
import Synchronization

/// Reads stored lines a little ahead of one reader, so that the next batch is unpacked while the
/// last one is on its way to the socket.
///
/// It holds at most ``byteLimit`` bytes and one chunk, however far behind the reader is: a reader
/// that takes nothing stops it. Any thread may call it.
final class ReadAhead: Sendable {
    /// What there is for the reader.
    enum Taken {
        /// The next batch.
        case batch(NumberedBatch)
        /// It is being read; `wake` will be called.
        case reading
        /// Nothing was asked for.
        case idle
        /// It could not be read.
        case failed(any Error)
    }

    /// Bytes of text held: four chunks of the store, enough to keep a fast reader busy.
    static let byteLimit = 256 << 10

    /// Lines that the store said it has, and has not.
    struct LinesMissing: Error, CustomStringConvertible {
        let stream: Int64
        let line: Int64
        var description: String { "line \(line) of stream \(stream) is no longer in the store" }
    }

    private struct State {
        var batches: [NumberedBatch] = []
        var bytes = 0
        /// The number behind the last line asked for and read.
        var next: Int64 = 0
        var isReading = false
        var isClosed = false
        var failure: (any Error)?
    }

    private let store: Store
    private let stream: Int64
    private let state = Mutex(State())

    /// Reads from the stream `stream` of `store`.
    init(_ store: Store, stream: Int64) {
        self.store = store
        self.stream = stream
    }

    /// Takes the next batch.
    func take() -> Taken {
        state.withLock { state in
            if !state.batches.isEmpty {
                let batch = state.batches.removeFirst()
                state.bytes -= batch.batch.byteCount
                return .batch(batch)
            }
            if let failure = state.failure { return .failed(failure) }
            return state.isReading ? .reading : .idle
        }
    }

    /// The line to read on from, when less than half of the limit is held and nothing is being read.
    var wanted: Int64? {
        state.withLock { state in
            let hasRoom = state.bytes < Self.byteLimit / 2 && !state.isReading
            return hasRoom && state.failure == nil && !state.isClosed ? state.next : nil
        }
    }

    /// Starts to read from `line`, up to the limit or the line `end`.
    ///
    /// The task is the bridge from the server's thread, which never waits, to the store's readers.
    /// It ends by itself after a few chunks, and at the latest one chunk after ``close()``.
    func start(at line: Int64, end: Int64?, wake: @escaping @Sendable () -> Void) {
        let begins = state.withLock { state in
            guard !state.isReading, !state.isClosed else { return false }
            state.isReading = true
            state.next = line
            return true
        }
        guard begins else { return }
        Task {
            var next = line
            var goesOn = true
            while goesOn {
                do {
                    if let batch = try await store.batch(stream: stream, at: next) {
                        next = batch.next
                        goesOn = keep(batch, end: end)
                    } else {
                        goesOn = false
                        stop(next == line ? LinesMissing(stream: stream, line: line) : nil)
                    }
                } catch {
                    goesOn = false
                    stop(error)
                }
                wake()
            }
        }
    }

    /// Lets go of what was read and reads no more.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.batches = []
            state.bytes = 0
        }
    }

    /// Keeps a batch; `false` when it was the last one for now.
    private func keep(_ batch: NumberedBatch, end: Int64?) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.batches.append(batch)
            state.bytes += batch.batch.byteCount
            state.next = batch.next
            let isEnough = state.bytes >= Self.byteLimit || end.map { batch.next >= $0 } ?? false
            state.isReading = !isEnough
            return !isEnough
        }
    }

    private func stop(_ failure: (any Error)?) {
        state.withLock { state in
            state.failure = failure
            state.isReading = false
        }
    }
}
