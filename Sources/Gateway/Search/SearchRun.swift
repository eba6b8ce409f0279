import Search
import Store
import Workers

/// One search: reads the log, has it searched on the threads for that, piece by piece, several at a
/// time, and puts the results together in order.
///
/// | memory of one search | bytes |
/// | --- | --- |
/// | pieces that are being searched or wait for their turn | 8 MiB, see ``windowBytes`` |
/// | one line of ``joinBytes`` and its form in JSON | 4 + 8 MiB, far less for shorter lines |
/// | earlier texts for context before a match | 4 MiB, with `before` alone |
/// | results that the client has not taken | 256 KiB, see ``SearchOutput`` |
final class SearchRun: Sendable {
    /// Bytes of text in one piece, 1 MiB: four chunks. A hit is told within milliseconds.
    static let pieceBytes = 1 << 20
    /// Bytes up to which the parts of a long line are joined, 4 MiB. A longer line is searched in
    /// pieces of that size, so a match across two of them is not found.
    static let joinBytes = 4 << 20
    /// Bytes of text that are being searched or wait for their turn, or one piece. Beyond it nothing
    /// more is read.
    static let windowBytes = 8 << 20
    /// Pieces of one search on the threads at a time: few, so that searches take turns.
    static let windowPieces = 4

    private let store: Store
    private let segment: LogSegment
    private let search: LineSearch
    private let scope: SearchScope
    private let form: SearchForm
    private let workers: WorkerThreads
    private let output: SearchOutput
    private let stop = SearchStop()

    /// A search of `segment`, which has an end; results go to `output`.
    init(
        _ segment: LogSegment, _ search: LineSearch, _ scope: SearchScope, _ form: SearchForm,
        store: Store, workers: WorkerThreads, output: SearchOutput
    ) {
        self.segment = segment
        self.search = search
        self.scope = scope
        self.form = form
        self.store = store
        self.workers = workers
        self.output = output
    }

    /// A searched piece at its place.
    private struct Piece: Sendable {
        let index: Int
        let bytes: Int
        /// An error waits for the piece's turn: what is before it is shown.
        let result: Result<SearchedText, any Error>
    }

    /// Ends the search within one call of its pattern. Any thread.
    func cancel() {
        stop.stop()
        output.close()
    }

    /// Searches to the end.
    ///
    /// - Throws: what the pattern or the store does; what was found before is in the output.
    func run() async throws {
        var assembly = SearchAssembly(search, scope, form, first: segment.first)
        try await withThrowingTaskGroup(of: Piece.self) { group in
            var window = Window(next: segment.first)
            while !assembly.isFull {
                try await fill(&window, &group)
                guard window.taken < window.started else { break }
                while window.ready[window.taken] == nil, let piece = try await group.next() {
                    window.ready[piece.index] = piece
                }
                guard let piece = window.ready.removeValue(forKey: window.taken) else { break }
                window.taken += 1
                window.bytes -= piece.bytes
                try await show(piece.result.get(), &assembly)
            }
            stop.stop()
            group.cancelAll()
        }
        if let end = assembly.end() { try await output.push(end) }
    }

    private struct Window {
        /// The number of the line to read on from.
        var next: Int64
        var started = 0
        var taken = 0
        var bytes = 0
        var ready: [Int: Piece] = [:]
    }

    /// Reads on and hands over until the window is full.
    private func fill(
        _ window: inout Window, _ group: inout ThrowingTaskGroup<Piece, any Error>
    ) async throws {
        let end = segment.end ?? segment.stream.lines
        while window.started - window.taken < Self.windowPieces,
            window.bytes < Self.windowBytes, window.next < end
        {
            let packed = try await store.packed(
                stream: segment.stream.row, lines: window.next..<end, bytes: Self.pieceBytes,
                joinBytes: Self.joinBytes)
            guard let packed else {
                throw ReadAhead.LinesMissing(stream: segment.stream.row, line: window.next)
            }
            let index = window.started
            window.started += 1
            window.bytes += packed.bytes
            window.next = packed.next
            group.addTask { [self] in
                try await workers.run { [self] in
                    Piece(
                        index: index, bytes: packed.bytes, result: Result { try look(packed) })
                }
            }
        }
    }

    /// Unpacks and searches a piece: on a thread for that.
    private func look(_ packed: PackedLines) throws -> SearchedText {
        if stop.isStopped { throw SearchError.stopped }
        let (block, joins) = try packed.unpack()
        var text = SearchText(
            first: packed.first, next: packed.next, block: block, joins: joins,
            times: search.since == nil ? nil : try packed.times(), isGap: packed.isGap)
        let searched = try search.search(text, stop: stop)
        let isShown = searched.count > 0 || scope.before + scope.after > 0
        guard !search.isCount, form.needsTimes, text.times == nil, isShown else { return searched }
        text.times = try packed.times()
        return searched.with(text)
    }

    /// Writes what is to be seen of a piece, block by block, as the client takes it.
    private func show(_ searched: SearchedText, _ assembly: inout SearchAssembly) async throws {
        assembly.begin(searched)
        var isDone = false
        while !isDone {
            let now = assembly
            let (next, block, done) = try await workers.run {
                var next = now
                let (block, isDone) = try next.render()
                return (next, block, isDone)
            }
            assembly = next
            isDone = done
            if let block { try await output.push(block) }
        }
        if let failure = searched.failure, !assembly.isFull { throw failure }
    }
}
