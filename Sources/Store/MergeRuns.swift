/// Which small chunks at the end of a stream are to be merged: a pure value that is told of every
/// chunk and answers with ranges of lines whose chunks become one.
///
/// ```
/// stored …  64K  64K │ 6K 6K 6K 6K │ .2K .2K .2K .2K
///                      coarse run     fine run
/// ```
/// Small chunks, under half a full one, collect in the *fine* run. When there are ``rows`` of them
/// or they make a full chunk, they become one chunk, which joins the *coarse* run unless it is full;
/// when the coarse run has as many or makes a full chunk, it is merged too. So each byte is written
/// at most three times, and a live stream ends in at most two times ``rows`` small chunks. A chunk
/// that cannot be joined (a full one, a gap record) or be followed (a line without a newline) ends
/// both runs, and what they hold is merged at once.
struct MergeRuns: Sendable, Equatable {
    /// Consecutive small chunks.
    struct Run: Sendable, Equatable {
        var firstLine: Int64 = 0
        var rows = 0
        var bytes = 0

        mutating func add(line: Int64, bytes more: Int) {
            if rows == 0 { firstLine = line }
            rows += 1
            bytes += more
        }
    }

    private(set) var coarse = Run()
    private(set) var fine = Run()

    /// Nothing to merge.
    init() {}

    /// Goes on behind the small chunks that a stream ends in, in order.
    init(small chunks: some Sequence<ChunkHead>) {
        for chunk in chunks { fine.add(line: chunk.firstLine, bytes: chunk.bytes) }
    }

    /// Tells of a chunk behind all others.
    ///
    /// - Returns: ranges of lines whose chunks are to be merged, in this order.
    mutating func add(
        line: Int64, next: Int64, bytes: Int, isText: Bool, isOpen: Bool, settings: StoreSettings
    ) -> [Range<Int64>] {
        guard isText, bytes < settings.chunkBytes / 2 else { return end(at: line) }
        fine.add(line: line, bytes: bytes)
        if isOpen { return end(at: next) }
        guard Self.isDue(fine, settings) else { return [] }
        let merged = fine
        fine = Run()
        var ranges = [merged.firstLine..<next]
        if merged.bytes >= settings.chunkBytes / 2 {
            if coarse.rows > 1 { ranges.append(coarse.firstLine..<merged.firstLine) }
            coarse = Run()
            return ranges
        }
        coarse.add(line: merged.firstLine, bytes: merged.bytes)
        if Self.isDue(coarse, settings) {
            ranges.append(coarse.firstLine..<next)
            coarse = Run()
        }
        return ranges
    }

    /// Ends both runs at line `line`.
    ///
    /// - Returns: the range of lines whose chunks are to be merged, if there are several.
    mutating func end(at line: Int64) -> [Range<Int64>] {
        defer { self = MergeRuns() }
        guard coarse.rows + fine.rows > 1 else { return [] }
        return [(coarse.rows > 0 ? coarse.firstLine : fine.firstLine)..<line]
    }

    private static func isDue(_ run: Run, _ settings: StoreSettings) -> Bool {
        run.rows >= settings.mergeRows || run.bytes >= settings.chunkBytes
    }
}
