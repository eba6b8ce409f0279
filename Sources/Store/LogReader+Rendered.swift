import GRDB
import LogModel

/// A line at which reading may begin, and how many rendered bytes come before it.
package struct LogPlace: Sendable, Equatable {
    /// The number of the line.
    package let line: Int64
    /// Bytes before it, as readers see them, from where the counting began.
    package let offset: Int64
    /// Whether the line before it has no newline.
    package let isInsideLine: Bool
}

/// Counts a log's bytes as readers see them, from the index alone: pure.
///
/// | readers see | more than is stored |
/// | --- | --- |
/// | a gap record behind a line without a newline | one newline before the record |
/// | times | `timeBytes` before each line that is not the later part of a long one |
struct RenderedOffsets {
    /// The gap records that follow a line without a newline, by their numbers, in order.
    let breaks: [Int64]
    /// Bytes put before each line.
    let timeBytes: Int64

    /// Bytes up to the end of a chunk.
    func end(of chunk: ChunkHead) -> Int64 {
        let closed = chunk.firstNewline + Int64(chunk.lines) - 1
        return offset(
            byte: chunk.firstByte + Int64(chunk.bytes), line: chunk.nextLine, closedBefore: closed)
    }

    /// Bytes before line `line`, behind `byte` stored ones. `closed` says how many of the lines
    /// before the one before `line` have a newline: each of them lets the next line be one of its
    /// own.
    func offset(byte: Int64, line: Int64, closedBefore closed: Int64) -> Int64 {
        let lineBreaks = countBreaks(before: line)
        let starts = line == 0 ? 0 : 1 + closed + lineBreaks
        return byte + lineBreaks + timeBytes * starts
    }

    /// Whether line `line` is a gap record that a newline is put before.
    func isBreak(_ line: Int64) -> Bool {
        let index = Int(countBreaks(before: line))
        return index < breaks.count && breaks[index] == line
    }

    private func countBreaks(before line: Int64) -> Int64 {
        var low = 0
        var high = breaks.count
        while low < high {
            let middle = (low + high) / 2
            if breaks[middle] < line { low = middle + 1 } else { high = middle }
        }
        return Int64(low)
    }
}

extension LogReader {
    /// Bytes that lines have as readers see them; lines that are not there have none. `nil` when
    /// nothing of the stream is there.
    func renderedBytes(stream: Int64, lines: Range<Int64>, timeBytes: Int) async throws -> Int64? {
        if lines.isEmpty { return 0 }
        return try await database.read { db in
            let table = ChunkTable(db: db)
            guard try table.last(stream: stream) != nil else { return nil }
            let offsets = try rendered(table, stream, timeBytes)
            let from = try start(table, stream, lines.lowerBound, offsets)
            return max(0, try offset(table, stream, lines.upperBound, offsets) - from)
        }
    }

    /// Where to begin to read so that byte `offset` of the lines from `first` on comes early.
    func place(
        stream: Int64, from first: Int64, ofByte offset: Int64, timeBytes: Int
    ) async throws -> LogPlace? {
        try await database.read { db in
            let table = ChunkTable(db: db)
            let offsets = try rendered(table, stream, timeBytes)
            let base = try start(table, stream, first, offsets)
            guard
                let chunk = try table.first(
                    stream: stream, where: { offsets.end(of: $0) > base + offset })
            else { return nil }
            guard chunk.firstLine > first,
                let before = try table.head(stream: stream, startingBefore: chunk.firstLine)
            else { return LogPlace(line: first, offset: 0, isInsideLine: false) }
            return LogPlace(
                line: chunk.firstLine, offset: offsets.end(of: before) - base,
                isInsideLine: before.isOpen)
        }
    }

    private func rendered(
        _ table: ChunkTable, _ stream: Int64, _ timeBytes: Int
    ) throws -> RenderedOffsets {
        RenderedOffsets(
            breaks: try table.gapsInsideLines(stream: stream), timeBytes: Int64(timeBytes))
    }

    /// Where a body that begins with `line` begins: no newline is put before its first line.
    private func start(
        _ table: ChunkTable, _ stream: Int64, _ line: Int64, _ offsets: RenderedOffsets
    ) throws -> Int64 {
        try offset(table, stream, line, offsets) + (offsets.isBreak(line) ? 1 : 0)
    }

    private func offset(
        _ table: ChunkTable, _ stream: Int64, _ line: Int64, _ offsets: RenderedOffsets
    ) throws -> Int64 {
        guard line > 0, let before = try table.head(stream: stream, startingBefore: line) else {
            return 0
        }
        if line >= before.nextLine { return offsets.end(of: before) }
        guard let chunk = try table.chunk(stream: stream, containing: line) else { return 0 }
        let index = Int(line - chunk.firstLine)
        return offsets.offset(
            byte: chunk.firstByte + Int64(try chunk.unpack(decoder).start(index)), line: line,
            closedBefore: chunk.firstNewline + Int64(index) - 1)
    }
}
