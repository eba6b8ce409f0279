import ByteBlocks
import LogModel
import Store
import Synchronization

/// Reads stored lines ahead of one reader, so that while one piece is on its way to the socket the
/// next ones are being read and unpacked, on as many processors as the store has threads for it.
///
/// It is a chain of jobs on the store's threads. Each reads a piece, which is quick, hands the next
/// job over if there is room, and unpacks its own, which takes longer:
///
///     thread 1   read 0 ┬ unpack 0 ─────┐    read 2 ┬ unpack 2 …
///     thread 2          └ read 1 ┬ unpack 1 ────────┘
///
/// It holds a window of at most ``farBytes``, and what the last piece has over it, however far behind
/// the reader is: a reader that takes nothing stops it. Any thread may call it.
final class ReadAhead: Sendable {
    /// What there is for the reader.
    enum Taken {
        /// The next lines, with their times.
        case batch(NumberedBatch)
        /// The next lines as nothing but bytes.
        case text(Text)
        /// It is being read; `wake` will be called.
        case reading
        /// Nothing was asked for.
        case idle
        /// It could not be read.
        case failed(any Error)
    }

    /// Lines as nothing but bytes.
    struct Text {
        /// The number of the line behind the last.
        let next: Int64
        /// The bytes, in order.
        let blocks: [ByteBlock]
        /// Whether the last line ends with a newline.
        let endsWithNewline: Bool
    }

    /// Bytes of text held for one reader where nothing but text is wanted, 2 MiB: one piece is sent,
    /// two are unpacked and one is ready.
    static let farBytes = 2 << 20
    /// The same for other readers, and for all while memory is scarce, 512 KiB.
    static let nearBytes = 512 << 10
    /// Pieces in a window of nothing but text. Each costs some 100 µs besides its unpacking.
    private static let piecesInWindow = 4

    /// Lines that the store said it has, and has not.
    struct LinesMissing: Error, CustomStringConvertible {
        let stream: Int64
        let line: Int64
        var description: String { "line \(line) of stream \(stream) is no longer in the store" }
    }

    /// A piece of the log.
    private enum Piece {
        case batch(NumberedBatch)
        case text(Text)
    }

    private struct State {
        var window = ReadWindow<Piece>()
        /// Where the present chain of jobs began.
        var start: Int64 = 0
        /// The number behind the last line read.
        var next: Int64 = 0
        /// Where the chain ends.
        var end: Int64 = 0
        /// Whether there is a job that has not read its piece yet.
        var isReading = false
        var isClosed = false
    }

    private let store: Store
    private let stream: Int64
    private let isTextOnly: Bool
    private let budget: FrameBudget
    private let state = Mutex(State())

    /// Reads from the stream `stream` of `store`; with `isTextOnly` without looking at single
    /// lines, which is far cheaper. What it holds is counted in `budget`.
    init(_ store: Store, stream: Int64, isTextOnly: Bool, budget: FrameBudget) {
        self.budget = budget
        self.store = store
        self.stream = stream
        self.isTextOnly = isTextOnly
    }

    deinit {
        budget.count(-state.withLock { $0.window.bytes })
    }

    /// Takes the next piece.
    func take() -> Taken {
        state.withLock { state in
            switch state.window.take() {
            case .piece(let piece, let bytes):
                budget.count(-bytes)
                switch piece {
                case .batch(let batch): return .batch(batch)
                case .text(let text): return .text(text)
                }
            case .unready: return .reading
            case .failed(let error): return .failed(error)
            case .empty: return state.isReading ? .reading : .idle
            }
        }
    }

    /// The line to read on from, when there is room and no job is reading.
    var wanted: Int64? {
        state.withLock { state in
            hasRoom(state) && !state.isReading && !state.isClosed ? state.next : nil
        }
    }

    /// Starts to read from `line`, until the window is full or up to the line `end`.
    func start(at line: Int64, end: Int64?, wake: @escaping @Sendable () -> Void) {
        let begins = state.withLock { state in
            guard !state.isReading, !state.isClosed else { return false }
            state.isReading = true
            state.start = line
            state.next = line
            state.end = end ?? .max
            return true
        }
        if begins { submit(wake) }
    }

    /// Lets go of what was read and reads no more.
    func close() {
        state.withLock { state in
            state.isClosed = true
            budget.count(-state.window.removeAll())
        }
    }

    // MARK: The chain

    private func submit(_ wake: @escaping @Sendable () -> Void) {
        let isAccepted = store.submitRead { self.readPiece(wake) }
        if !isAccepted { stop(StoreClosed()); wake() }
    }

    /// One job: on a thread of the store.
    private func readPiece(_ wake: @escaping @Sendable () -> Void) {
        let (lines, isClosed) = state.withLock { ($0.next..<$0.end, $0.isClosed) }
        if isClosed { return }
        do {
            let packed = try store.packedBlocking(
                stream: stream, lines: lines, bytes: isTextOnly ? pieceBytes : 1)
            guard let packed else {
                stop(nil)
                return wake()
            }
            guard let place = keep(packed) else { return }
            if place.goesOn { submit(wake) }
            let result = Result { try unpack(packed) }
            if state.withLock({ $0.window.fill(place.number, result) }) { wake() }
        } catch {
            stop(error)
            wake()
        }
    }

    /// Takes a place for a piece, and says whether to read the next one; `nil` when it is not wanted
    /// any more.
    private func keep(_ packed: PackedLines) -> (number: Int, goesOn: Bool)? {
        state.withLock { state in
            guard !state.isClosed else { return nil }
            let number = state.window.reserve(bytes: packed.bytes)
            budget.count(packed.bytes)
            state.next = packed.next
            state.isReading = hasRoom(state) && state.next < state.end
            return (number, state.isReading)
        }
    }

    private func unpack(_ packed: PackedLines) throws -> Piece {
        if !isTextOnly, let batch = try packed.unpackFirstBatch() { return .batch(batch) }
        return .text(
            Text(
                next: packed.next, blocks: try packed.unpackBlocks(),
                endsWithNewline: packed.endsWithNewline))
    }

    /// Ends the chain: there was nothing more, or it could not be read.
    private func stop(_ failure: (any Error)?) {
        state.withLock { state in
            state.isReading = false
            let isMissing = state.next == state.start
            let failure =
                failure ?? (isMissing ? LinesMissing(stream: stream, line: state.next) : nil)
            guard let failure, !state.isClosed else { return }
            _ = state.window.fill(state.window.reserve(bytes: 0), .failure(failure))
        }
    }

    // MARK: Room

    /// Bytes of the window.
    private var windowBytes: Int {
        isTextOnly && !budget.isScarce ? Self.farBytes : Self.nearBytes
    }

    /// Bytes of text in a piece; at least one chunk comes.
    private var pieceBytes: Int {
        budget.isExceeded ? 1 : windowBytes / Self.piecesInWindow
    }

    /// Whether another piece fits in. Where memory is used up there is room for one in all.
    private func hasRoom(_ state: borrowing State) -> Bool {
        if budget.isExceeded { return state.window.bytes == 0 }
        return state.window.bytes <= windowBytes - windowBytes / Self.piecesInWindow
    }
}

/// The store was closed before all was read.
private struct StoreClosed: Error, CustomStringConvertible {
    var description: String { "the store is closed" }
}
