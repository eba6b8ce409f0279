import ByteBlocks
import Foundation
import GRDB
import LogModel

/// Where the last lines of a stream begin, as `tail -n` counts them: the parts of a long line are
/// one, and so is a last line without a newline.
package struct TailStart: Sendable, Equatable {
    /// The number of the first of them.
    package let line: Int64
    /// How many they are: fewer than asked for where there are no more.
    package let count: Int
}

/// Reads log text on reader connections: unpacks chunks and finds lines by number, time and byte.
///
/// Every call is a snapshot of its own and is done before it returns, so a slow reader holds
/// neither a connection nor memory.
struct LogReader: Sendable {
    let database: StoreDatabase
    let decoder: ZstdDecoder

    /// A chunk's lines, from a line on.
    struct FoundChunk: Sendable {
        let kind: Chunk.Kind
        let batch: NumberedBatch
    }

    /// The stored lines from `line` on to the end of its chunk.
    func chunk(stream: Int64, at line: Int64) async throws -> FoundChunk? {
        try await database.read { [decoder] db in
            guard let chunk = try ChunkTable(db: db).chunk(stream: stream, containing: line) else {
                return nil
            }
            let batch = try chunk.unpack(decoder).dropFirst(Int(line - chunk.firstLine))
            return FoundChunk(kind: chunk.kind, batch: NumberedBatch(first: line, batch: batch))
        }
    }

    /// The first line whose running maximum time is `time` or later; the number behind the last
    /// line when there is none.
    func line(stream: Int64, atOrAfter time: LogTime) async throws -> Int64 {
        try await database.read { [decoder] db in
            let table = ChunkTable(db: db)
            guard
                let head = try table.first(
                    stream: stream, where: { $0.maxTime >= time.nanoseconds }),
                let chunk = try table.chunk(stream: stream, containing: head.firstLine)
            else { return try table.last(stream: stream)?.nextLine ?? 0 }
            let times = try TimesCodec(decoder: decoder).decode(chunk.times, count: chunk.lines)
            // The maximum of the chunks before is smaller, so the first such line decides.
            let index = times.firstIndex { $0 >= time.nanoseconds } ?? 0
            return chunk.firstLine + Int64(index)
        }
    }

    /// Where the last `count` lines before the line `end` begin.
    func tailStart(stream: Int64, count: Int, before end: Int64) async throws -> TailStart {
        try await database.read { db in
            let table = ChunkTable(db: db)
            guard let last = try table.head(stream: stream, startingBefore: end) else {
                return TailStart(line: 0, count: 0)
            }
            let next = min(last.nextLine, end)
            guard count > 0 else { return TailStart(line: next, count: 0) }
            // Only a chunk's last line can be without a newline, and it counts all the same.
            let whole = last.firstNewline + next - last.firstLine
            // The line we look for begins behind this many newlines.
            let newlines = whole - Int64(count)
            guard newlines > 0,
                let head = try table.first(stream: stream, where: { $0.nextNewline >= newlines })
            else { return TailStart(line: 0, count: Int(whole)) }
            return TailStart(
                line: head.firstLine + newlines - head.firstNewline, count: count)
        }
    }
}

extension Chunk {
    /// The chunk's lines.
    func unpack(_ decoder: ZstdDecoder) throws -> LineBatch {
        let block = try decoder.decode(text, count: bytes)
        let times = try TimesCodec(decoder: decoder).decode(times, count: lines)
        var ends: [UInt32] = []
        ends.reserveCapacity(lines)
        unsafe NewlineScan.ends(of: block.bytes, into: &ends)
        if isOpen { ends.append(UInt32(bytes)) }
        guard ends.count == lines, ends.last == UInt32(bytes) else {
            throw ChunkHead.damaged("\(ends.count) lines instead of \(lines)")
        }
        return LineBatch(text: block, ends: ends, times: times)
    }
}
