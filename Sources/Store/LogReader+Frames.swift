package import ByteBlocks
import Foundation
import GRDB
import LogModel

/// Consecutive lines as zstd frames with content size and checksum: valid, one after the other, as
/// a body with `Content-Encoding: zstd`.
package struct StoredFrames: Sendable {
    /// The number of the line behind the last.
    package let next: Int64
    /// The frames, one behind the other: whole chunks as they lie in the database.
    package let block: ByteBlock
    /// Whether the last line has no newline, so that a gap record behind it is set apart.
    package let isInsideLine: Bool
}

extension LogReader {
    /// Frames of the lines `lines`: at least one chunk's, and about `bytes` of unpacked text. Only
    /// a first or last chunk that is not wanted whole is packed anew.
    func frames(
        stream: Int64, lines: Range<Int64>, isInsideLine: Bool, bytes: Int
    ) async throws -> StoredFrames? {
        guard !lines.isEmpty else { return nil }
        return try await database.read { [decoder] db in
            let chunks = try ChunkTable(db: db)
                .chunks(stream: stream, from: lines.lowerBound, bytes: bytes)
                .prefix { $0.firstLine < lines.upperBound }
            guard let last = chunks.last else { return nil }
            var compressor = try ZstdCompressor()
            var frames: [Data] = []
            var isInsideLine = isInsideLine
            for chunk in chunks {
                if chunk.kind == .gap, isInsideLine {
                    frames.append(compressor.frame([UInt8(ascii: "\n")]))
                }
                let wanted = lines.clamped(to: chunk.firstLine..<chunk.nextLine)
                isInsideLine = chunk.isOpen && wanted.upperBound == chunk.nextLine
                if wanted.count == chunk.lines {
                    frames.append(chunk.text)
                } else {
                    let from = Int(wanted.lowerBound - chunk.firstLine)
                    let batch = try chunk.unpack(decoder).slice(from..<from + wanted.count)
                    frames.append(
                        withExtendedLifetime(batch) {
                            unsafe compressor.frame(batch.text.bytes)
                        })
                }
            }
            return StoredFrames(
                next: min(last.nextLine, lines.upperBound), block: Self.join(frames),
                isInsideLine: isInsideLine)
        }
    }

    private static func join(_ frames: [Data]) -> ByteBlock {
        let capacity = frames.reduce(0) { $0 + $1.count }
        return unsafe ByteBlock(capacity: capacity) { target in
            var at = 0
            for frame in frames {
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[at...]).copyBytes(from: frame)
                at += frame.count
            }
            return at
        }
    }
}

extension ZstdCompressor {
    fileprivate mutating func frame(_ source: [UInt8]) -> Data {
        unsafe source.withUnsafeBytes { unsafe frame($0) }
    }
}
