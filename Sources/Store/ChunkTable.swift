import Foundation
import GRDB

/// The SQL on the table `chunk`. Every look-up reads a few rows by index; none scans a log.
struct ChunkTable {
    let db: Database

    /// Adds a chunk.
    func insert(_ chunk: Chunk, stream: Int64) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO chunk (stream, firstLine, lines, firstByte, bytes, firstNewline, isOpen,
                    lastTime, maxTime, kind, times, text)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            stream, chunk.firstLine, chunk.lines, chunk.firstByte, chunk.bytes, chunk.firstNewline,
            chunk.isOpen, chunk.lastTime, chunk.maxTime, chunk.kind.rawValue, chunk.times,
            chunk.text,
        ])
    }

    /// Removes the chunks whose first lines are in `lines`.
    func delete(stream: Int64, lines: Range<Int64>) throws {
        let statement = try db.cachedStatement(
            sql: "DELETE FROM chunk WHERE stream = ? AND firstLine >= ? AND firstLine < ?")
        try statement.execute(arguments: [stream, lines.lowerBound, lines.upperBound])
    }

    /// The chunks whose first lines are in `lines`, in order.
    func chunks(stream: Int64, lines: Range<Int64>) throws -> [Chunk] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(Self.headColumns), times, text FROM chunk
                WHERE stream = ? AND firstLine >= ? AND firstLine < ? ORDER BY firstLine
                """)
        return try Row.fetchAll(
            statement, arguments: [stream, lines.lowerBound, lines.upperBound]
        ).map(Self.chunk)
    }

    /// The last chunk of a stream.
    func last(stream: Int64) throws -> ChunkHead? {
        try head(stream: stream, startingBefore: .max)
    }

    /// The last chunk of a stream that is no gap record.
    func lastText(stream: Int64) throws -> ChunkHead? {
        var before = Int64.max
        while let head = try head(stream: stream, startingBefore: before) {
            if head.kind == .text { return head }
            before = head.firstLine
        }
        return nil
    }

    /// The last `count` chunks of a stream, the last one first.
    func tail(stream: Int64, count: Int) throws -> [ChunkHead] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(Self.headColumns) FROM chunk WHERE stream = ?
                ORDER BY firstLine DESC LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [stream, count]).map(Self.head)
    }

    /// The chunk that holds line `line`.
    func chunk(stream: Int64, containing line: Int64) throws -> Chunk? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(Self.headColumns), times, text FROM chunk
                WHERE stream = ? AND firstLine <= ? ORDER BY firstLine DESC LIMIT 1
                """)
        guard let row = try Row.fetchOne(statement, arguments: [stream, line]) else { return nil }
        let chunk = Self.chunk(row)
        return line < chunk.nextLine ? chunk : nil
    }

    /// Consecutive chunks, the first one holding line `line`: at least one, and no more than fit
    /// into `bytes` of unpacked text.
    func chunks(stream: Int64, from line: Int64, bytes: Int) throws -> [Chunk] {
        guard let first = try head(stream: stream, startingBefore: line + 1), line < first.nextLine
        else { return [] }
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(Self.headColumns), times, text FROM chunk
                WHERE stream = ? AND firstLine >= ? ORDER BY firstLine
                """)
        var chunks: [Chunk] = []
        let cursor = try Row.fetchCursor(statement, arguments: [stream, first.firstLine])
        while let row = try cursor.next() {
            let size: Int64 = row["firstByte"] + row["bytes"] - first.firstByte
            if size > Int64(bytes), !chunks.isEmpty { break }
            chunks.append(Self.chunk(row))
        }
        return chunks
    }

    /// The first chunk for which `holds` is true, where chunks behind one for which it is true are
    /// so too: found by halving the range of line numbers, at most 63 look-ups by index.
    func first(stream: Int64, where holds: (ChunkHead) -> Bool) throws -> ChunkHead? {
        guard var found = try last(stream: stream), holds(found) else { return nil }
        var low: Int64 = 0
        while low < found.firstLine {
            let middle = low + (found.firstLine - 1 - low) / 2
            guard let head = try head(stream: stream, startingBefore: middle + 1) else { break }
            if holds(head) {
                found = head
            } else {
                low = head.nextLine
            }
        }
        return found
    }

    private func head(stream: Int64, startingBefore line: Int64) throws -> ChunkHead? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(Self.headColumns) FROM chunk WHERE stream = ? AND firstLine < ?
                ORDER BY firstLine DESC LIMIT 1
                """)
        return try Row.fetchOne(statement, arguments: [stream, line]).map(Self.head)
    }

    private static let headColumns = """
        id, firstLine, lines, firstByte, bytes, firstNewline, isOpen, lastTime, maxTime, kind
        """

    private static func head(_ row: Row) -> ChunkHead {
        ChunkHead(
            id: row[0], firstLine: row[1], lines: row[2], firstByte: row[3], bytes: row[4],
            firstNewline: row[5], isOpen: row[6], lastTime: row[7], maxTime: row[8],
            kind: Chunk.Kind(rawValue: row[9]) ?? .text)
    }

    private static func chunk(_ row: Row) -> Chunk {
        Chunk(
            firstLine: row[1], lines: row[2], firstByte: row[3], bytes: row[4],
            firstNewline: row[5], isOpen: row[6], lastTime: row[7], maxTime: row[8],
            kind: Chunk.Kind(rawValue: row[9]) ?? .text, times: row[10], text: row[11])
    }
}
