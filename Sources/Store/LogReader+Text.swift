package import ByteBlocks
import Foundation
import GRDB
import LogModel

/// Consecutive stored lines as nothing but bytes, for readers that need neither numbers nor times.
package struct StoredText: Sendable {
    /// The number of the first line.
    package let first: Int64
    /// The number of the line behind the last.
    package let next: Int64
    /// The text, in order.
    package let blocks: [ByteBlock]
}

/// A stored chunk as it lies in the database.
package struct StoredFrame: Sendable {
    /// The number of its first line.
    package let first: Int64
    /// The number of the line behind its last.
    package let next: Int64
    /// The offset of its text in the stream's log.
    package let byte: Int64
    /// The size of its text when unpacked.
    package let bytes: Int
    /// Its text as one zstd frame with content size and checksum: valid, one after the other, as a
    /// body with `Content-Encoding: zstd`.
    package let frame: ByteBlock
}

extension LogReader {
    /// The text of the lines from `line` on: at least one chunk's, and about `bytes`.
    func text(stream: Int64, from line: Int64, bytes: Int) async throws -> StoredText? {
        try await database.read { [decoder] db in
            let chunks = try ChunkTable(db: db).chunks(stream: stream, from: line, bytes: bytes)
            guard let last = chunks.last else { return nil }
            let blocks = try chunks.map { chunk in
                let block = try decoder.decode(chunk.text, count: chunk.bytes)
                guard chunk.firstLine < line else { return block }
                let batch = try chunk.unpack(decoder)
                return batch.dropFirst(Int(line - chunk.firstLine)).text
            }
            return StoredText(first: line, next: last.nextLine, blocks: blocks)
        }
    }

    /// The chunks from the one that holds line `line` on: at least one, and about `bytes` of
    /// unpacked text.
    func frames(stream: Int64, from line: Int64, bytes: Int) async throws -> [StoredFrame] {
        try await database.read { db in
            try ChunkTable(db: db).chunks(stream: stream, from: line, bytes: bytes).map { chunk in
                StoredFrame(
                    first: chunk.firstLine, next: chunk.nextLine, byte: chunk.firstByte,
                    bytes: chunk.bytes, frame: ByteBlock(chunk.text))
            }
        }
    }

    /// The first line of the chunk that holds byte `byte` of the log, and where that line begins.
    func place(stream: Int64, ofByte byte: Int64) async throws -> (line: Int64, byte: Int64)? {
        try await database.read { db in
            try ChunkTable(db: db).first(
                stream: stream, where: { $0.firstByte + Int64($0.bytes) > byte }
            ).map { ($0.firstLine, $0.firstByte) }
        }
    }

    /// The offset in the log at which line `line` begins; the log's size behind the last line.
    func byte(stream: Int64, ofLine line: Int64) async throws -> Int64 {
        try await database.read { [decoder] db in
            let table = ChunkTable(db: db)
            guard let chunk = try table.chunk(stream: stream, containing: line) else {
                return try table.last(stream: stream).map { $0.firstByte + Int64($0.bytes) } ?? 0
            }
            let index = Int(line - chunk.firstLine)
            if index == 0 { return chunk.firstByte }
            return chunk.firstByte + Int64(try chunk.unpack(decoder).start(index))
        }
    }
}
