import ByteBlocks
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
        /// The next lines as nothing but bytes.
        case text(StoredText)
        /// It is being read; `wake` will be called.
        case reading
        /// Nothing was asked for.
        case idle
        /// It could not be read.
        case failed(any Error)
    }

    /// Bytes of text held: eight chunks of the store, enough to keep a fast reader busy.
    static let byteLimit = 512 << 10
    /// Bytes of text read in one go where nothing but text is wanted: half of the limit, so that
    /// one half is read while the other is sent. Each read costs two changes of thread.
    static let textBytes = byteLimit / 2

    /// Lines that the store said it has, and has not.
    struct LinesMissing: Error, CustomStringConvertible {
        let stream: Int64
        let line: Int64
        var description: String { "line \(line) of stream \(stream) is no longer in the store" }
    }

    /// A piece of the log.
    private enum Item {
        case batch(NumberedBatch)
        case text(StoredText)

        var next: Int64 {
            switch self {
            case .batch(let batch): batch.next
            case .text(let text): text.next
            }
        }

        var bytes: Int {
            switch self {
            case .batch(let batch): batch.batch.byteCount
            case .text(let text): text.blocks.reduce(0) { $0 + $1.count }
            }
        }
    }

    private struct State {
        var items: [Item] = []
        var bytes = 0
        /// The number behind the last line asked for and read.
        var next: Int64 = 0
        var isReading = false
        var isClosed = false
        var failure: (any Error)?
    }

    private let store: Store
    private let stream: Int64
    private let isTextOnly: Bool
    private let state = Mutex(State())

    /// Reads from the stream `stream` of `store`; with `isTextOnly` without looking at single
    /// lines, which is far cheaper.
    init(_ store: Store, stream: Int64, isTextOnly: Bool) {
        self.store = store
        self.stream = stream
        self.isTextOnly = isTextOnly
    }

    /// Takes the next batch.
    func take() -> Taken {
        state.withLock { state in
            if !state.items.isEmpty {
                let item = state.items.removeFirst()
                state.bytes -= item.bytes
                switch item {
                case .batch(let batch): return .batch(batch)
                case .text(let text): return .text(text)
                }
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
                    if let item = try await read(at: next, end: end) {
                        next = item.next
                        goesOn = keep(item, end: end)
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
            state.items = []
            state.bytes = 0
        }
    }

    /// Reads the next piece: text where that will do, else a batch.
    private func read(at line: Int64, end: Int64?) async throws -> Item? {
        if isTextOnly {
            let text = try await store.text(stream: stream, from: line, bytes: Self.textBytes)
            guard let text else { return nil }
            if text.next <= end ?? .max, Self.isPlain(text) { return .text(text) }
        }
        return try await store.batch(stream: stream, at: line).map(Item.batch)
    }

    /// Whether no line but the last is unclosed: else a gap record may have to be set apart.
    private static func isPlain(_ text: StoredText) -> Bool {
        text.blocks.dropLast().allSatisfy { $0.bytes.last == UInt8(ascii: "\n") }
    }

    /// Keeps a piece; `false` when there is room for no more.
    private func keep(_ item: Item, end: Int64?) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.items.append(item)
            state.bytes += item.bytes
            state.next = item.next
            let isEnough = state.bytes >= Self.byteLimit || item.next >= end ?? .max
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
