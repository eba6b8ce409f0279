import ByteBlocks
import Foundation
import LogModel

@testable import Store

// What is read back from a database, which a disk may have damaged.
extension FuzzTarget {
    /// A stored chunk: two numbers of 8 bytes, the length of the times, flags, the times, the text.
    static let chunks = FuzzTarget(
        name: "chunks",
        promise: "a damaged chunk is an error; what was encoded is decoded to the same"
    ) { bytes in
        guard bytes.count >= 18 else { return }
        let decoder = ZstdDecoder(contexts: 1)
        let body = bytes[18...]
        let text = Data(body.dropFirst(Int(bytes[16])))
        let chunk = Chunk(
            firstLine: 0, lines: number(bytes[0..<8]), firstByte: 0, bytes: number(bytes[8..<16]),
            firstNewline: 0, isOpen: bytes[17] & 1 == 1, lastTime: 0, maxTime: 0, kind: .text,
            times: Data(body.prefix(Int(bytes[16]))), text: text)
        if let batch = try? chunk.unpack(decoder) {
            claim(batch.count == chunk.lines && batch.byteCount == chunk.bytes, "another batch")
        }
        _ = try? decoder.decodeSized(text)
        checkCoding(bytes, decoder)
    }
}

private func number(_ bytes: ArraySlice<UInt8>) -> Int {
    Int(truncatingIfNeeded: bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
}

/// Encodes times and text, and decodes them again.
private func checkCoding(_ bytes: [UInt8], _ decoder: ZstdDecoder) {
    do {
        var compressor = try ZstdCompressor()
        var scratch: [UInt8] = []
        let times = stride(from: 0, to: bytes.count - 8, by: 8).map {
            Int64(number(bytes[$0..<($0 + 8)]))
        }
        let stored = times.withUnsafeBufferPointer {
            TimesCodec.encode($0, scratch: &scratch, compressor: &compressor)
        }
        let read = try TimesCodec(decoder: decoder).decode(stored, count: times.count)
        claim(read == times, "other times")
        let frame = bytes.withUnsafeBytes { compressor.frame($0) }
        let block = try decoder.decode(frame, count: bytes.count)
        claim(block.bytes.elementsEqual(bytes), "another text")
    } catch {
        claim(false, "what was encoded cannot be decoded: \(error)")
    }
}
