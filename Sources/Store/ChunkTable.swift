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
        let chunk = try Self.chunk(row)
        return line < chunk.nextLine ? chunk : nil
    }

    /// Consecutive chunks, the first one holding line `line`: at least one, and no more than fit
    /// into `bytes` of unpacked text.
    func chunks(stream: Int64, from line: Int64, bytes: Int) throws -> [Chunk] {
        try chunks(stream: stream, from: line) { taken, next in
            let end = next.firstByte + Int64(next.bytes)
            return taken.first.map { end - $0.firstByte <= Int64(bytes) } ?? true
        }
    }

    /// Consecutive chunks, the first one holding line `line`, for as long as `takes` says so of what
    /// was taken and of what comes next.
    func chunks(
        stream: Int64, from line: Int64, while takes: ([Chunk], ChunkHead) -> Bool
    ) throws -> [Chunk] {
        guard let first = try head(stream: stream, startingBefore: line + 1), line < first.nextLine
        else { return [] }
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(Self.headColumns), times, text FROM chunk
                WHERE stream = ? AND firstLine >= ? ORDER BY firstLine
                """)
        var chunks: [Chunk] = []
        let cursor = try Row.fetchCursor(statement, arguments: [stream, first.firstLine])
        while let row = try cursor.next(), try takes(chunks, Self.head(row)) {
            chunks.append(try Self.chunk(row))
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
                // No chunk up to the middle holds. A chunk that ends before it, with a hole behind
                // it, is damage; it must not hold up the search for ever.
                low = max(head.nextLine, middle + 1)
            }
        }
        return found
    }

    /// The last chunk whose first line is before `line`.
    func head(stream: Int64, startingBefore line: Int64) throws -> ChunkHead? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(Self.headColumns) FROM chunk WHERE stream = ? AND firstLine < ?
                ORDER BY firstLine DESC LIMIT 1
                """)
        return try Row.fetchOne(statement, arguments: [stream, line]).map(Self.head)
    }

    /// The gap records that follow a line without a newline, by their numbers, in order.
    func gapsInsideLines(stream: Int64) throws -> [Int64] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT line FROM gap WHERE stream = ?1 AND (
                    SELECT isOpen FROM chunk WHERE stream = ?1 AND firstLine < gap.line
                    ORDER BY firstLine DESC LIMIT 1)
                ORDER BY line
                """)
        return try Int64.fetchAll(statement, arguments: [stream])
    }

    private static let headColumns = """
        id, firstLine, lines, firstByte, bytes, firstNewline, isOpen, lastTime, maxTime, kind
        """

    private static func head(_ row: Row) throws -> ChunkHead {
        let numbers = try (0..<10).map { index in
            guard let number = Int64.fromDatabaseValue(row[index]) else {
                throw ChunkHead.damaged("a column that is no number")
            }
            return number
        }
        let head = ChunkHead(
            id: numbers[0], firstLine: numbers[1], lines: Int(numbers[2]), firstByte: numbers[3],
            bytes: Int(numbers[4]), firstNewline: numbers[5], isOpen: numbers[6] != 0,
            lastTime: numbers[7], maxTime: numbers[8],
            kind: Chunk.Kind(rawValue: Int(numbers[9])) ?? .text)
        try head.check()
        return head
    }

    private static func chunk(_ row: Row) throws -> Chunk {
        let head = try head(row)
        guard let times = Data.fromDatabaseValue(row[10]),
            let text = Data.fromDatabaseValue(row[11])
        else { throw ChunkHead.damaged("no text") }
        return Chunk(
            firstLine: head.firstLine, lines: head.lines, firstByte: head.firstByte,
            bytes: head.bytes, firstNewline: head.firstNewline, isOpen: head.isOpen,
            lastTime: head.lastTime, maxTime: head.maxTime, kind: head.kind, times: times,
            text: text)
    }
}
