package import ByteBlocks
import Foundation
import GRDB
package import LogModel

/// Consecutive stored lines that are not unpacked yet, so that many can be read cheaply and unpacked
/// elsewhere; or one gap record.
package struct PackedLines: Sendable {
    /// The number of the first line.
    package let first: Int64
    /// The number of the line behind the last.
    package let next: Int64
    /// Bytes of text when unpacked.
    package let bytes: Int
    /// Whether it is a gap record.
    package let isGap: Bool
    /// Whether the last line ends with a newline.
    package let endsWithNewline: Bool
    private let chunks: [Chunk]
    private let decoder: ZstdDecoder

    fileprivate init(_ chunks: [Chunk], lines: Range<Int64>, decoder: ZstdDecoder) {
        first = max(lines.lowerBound, chunks.first?.firstLine ?? lines.lowerBound)
        let next = min(lines.upperBound, chunks.last?.nextLine ?? first)
        self.next = next
        bytes = chunks.reduce(0) { $0 + $1.bytes }
        isGap = chunks.first?.kind == .gap
        endsWithNewline = chunks.last.map { !$0.isOpen || next < $0.nextLine } ?? true
        self.chunks = chunks
        self.decoder = decoder
    }

    /// The lines as one text, and where in it later parts of long lines begin.
    package func unpack() throws -> (text: ByteBlock, joins: [Int]) {
        var joins: [Int] = []
        let text = try unsafe ByteBlock(capacity: bytes) { target in
            var at = 0
            for (index, chunk) in chunks.enumerated() {
                if index > 0, chunks[index - 1].isOpen { joins.append(at) }
                let room = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: target[at..<at + chunk.bytes])
                try unsafe decoder.decode(chunk.text, into: room)
                at += try unsafe cut(room, chunk)
            }
            return at
        }
        return (text, joins)
    }

    /// The lines as nothing but bytes, one block for each chunk.
    package func unpackBlocks() throws -> [ByteBlock] {
        try chunks.map { chunk in
            try unsafe ByteBlock(capacity: chunk.bytes) { room in
                try unsafe decoder.decode(chunk.text, into: room)
                return try unsafe cut(room, chunk)
            }
        }
    }

    /// The lines of the first chunk.
    package func unpackFirstBatch() throws -> NumberedBatch? {
        guard let chunk = chunks.first else { return nil }
        let wanted = (first..<next).clamped(to: chunk.firstLine..<chunk.nextLine)
        let from = Int(wanted.lowerBound - chunk.firstLine)
        let batch = try chunk.unpack(decoder)
        return NumberedBatch(
            first: first,
            batch: wanted.count == chunk.lines ? batch : batch.slice(from..<from + wanted.count))
    }

    /// The lines' timestamps, in nanoseconds since 1970.
    package func times() throws -> [Int64] {
        try chunks.flatMap { chunk in
            let times = try TimesCodec(decoder: decoder).decode(chunk.times, count: chunk.lines)
            let wanted = (first..<next).clamped(to: chunk.firstLine..<chunk.nextLine)
            return times[Int(wanted.lowerBound - chunk.firstLine)...].prefix(wanted.count)
        }
    }

    /// Leaves out what of a chunk's text is not wanted; the number of bytes that stay.
    private func cut(_ text: UnsafeMutableRawBufferPointer, _ chunk: Chunk) throws -> Int {
        let wanted = (first..<next).clamped(to: chunk.firstLine..<chunk.nextLine)
        guard wanted.count < chunk.lines else { return chunk.bytes }
        var ends: [UInt32] = [0]
        unsafe NewlineScan.ends(of: UnsafeRawBufferPointer(text), into: &ends)
        if chunk.isOpen { ends.append(UInt32(chunk.bytes)) }
        guard ends.count == chunk.lines + 1 else {
            throw StoreError(
                "read log text", .corrupt, path: "",
                "a chunk has \(ends.count - 1) lines instead of \(chunk.lines)",
                advice: StoreError.corruptAdvice)
        }
        let from = Int(ends[Int(wanted.lowerBound - chunk.firstLine)])
        let to = Int(ends[Int(wanted.upperBound - chunk.firstLine)])
        unsafe text.copyMemory(from: UnsafeRawBufferPointer(rebasing: text[from..<to]))
        return to - from
    }
}

extension LogReader {
    /// The lines from the first of `lines` on: about `bytes` of them. They do not end within a long
    /// line, unless that has more than `joinBytes`; a gap record comes alone.
    func packed(
        stream: Int64, lines: Range<Int64>, bytes: Int, joinBytes: Int
    ) async throws -> PackedLines? {
        try await database.read { db in
            try packed(db, stream: stream, lines: lines, bytes: bytes, joinBytes: joinBytes)
        }
    }

    /// The same on the calling thread, which waits: for the store's own threads alone.
    func packedBlocking(
        stream: Int64, lines: Range<Int64>, bytes: Int
    ) throws -> PackedLines? {
        try database.readBlocking { db in
            try packed(db, stream: stream, lines: lines, bytes: bytes, joinBytes: 0)
        }
    }

    private func packed(
        _ db: Database, stream: Int64, lines: Range<Int64>, bytes: Int, joinBytes: Int
    ) throws -> PackedLines? {
        guard !lines.isEmpty else { return nil }
        let found = try ChunkTable(db: db)
            .chunks(stream: stream, from: lines.lowerBound) { taken, next in
                guard let first = taken.first, let last = taken.last else { return true }
                guard next.kind != .gap, last.kind != .gap, next.firstLine < lines.upperBound
                else { return false }
                let size = Int(next.firstByte - first.firstByte) + next.bytes
                return size <= (last.isOpen ? max(joinBytes, bytes) : bytes)
            }
        return found.isEmpty ? nil : PackedLines(found, lines: lines, decoder: decoder)
    }
}
