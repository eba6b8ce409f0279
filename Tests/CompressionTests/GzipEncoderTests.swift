import ByteBlocks
import CZlib
import Foundation
import Testing

@testable import Compression

@Suite struct GzipEncoderTests {
    /// Unpacks what there is of a gzip stream.
    private func unpack(_ bytes: [UInt8]) throws -> (text: [UInt8], isEnded: Bool) {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        try #require(inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, size) == Z_OK)
        defer { inflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: 8 << 20)
        let status = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                return inflate(&stream, Z_SYNC_FLUSH)
            }
        }
        try #require(status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR)
        return (Array(output.prefix(Int(stream.total_out))), status == Z_STREAM_END)
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 1 << 20])
    func `blocks of any size come back`(size: Int) throws {
        var encoder = try GzipEncoder()
        // Every byte differs from its neighbours in a pattern that packs badly.
        let text = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
        var packed: [UInt8] = []
        for _ in 0..<3 {
            let block = try encoder.encode(ByteBlock(text), flush: false)
            packed += block.copy
        }
        let last = try encoder.finish()
        packed += last.copy
        let unpacked = try unpack(packed)
        let isEqual = unpacked.text == text + text + text
        #expect(isEqual && unpacked.isEnded)
    }

    @Test func `with a flush each block can be read at once`() throws {
        var encoder = try GzipEncoder()
        var packed: [UInt8] = []
        var expected = ""
        for number in 0..<20 {
            expected += "line \(number)\n"
            let block = try encoder.encode(ByteBlock("line \(number)\n".utf8), flush: true)
            packed += block.copy
            let unpacked = try unpack(packed)
            #expect(String(decoding: unpacked.text, as: UTF8.self) == expected)
            #expect(!unpacked.isEnded)
        }
    }

    @Test func `a thousand encoders leave nothing behind`() throws {
        func resident() throws -> Int {
            let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
            return Int(pages.split(separator: " ")[1]).map { $0 * 4_096 } ?? 0
        }
        func make() throws {
            var encoder = try GzipEncoder()
            _ = try encoder.encode(ByteBlock("text".utf8), flush: true)
        }
        for _ in 0..<100 { try make() }
        let before = try resident()
        for _ in 0..<1_000 { try make() }
        // A leak of each stream would be 256 MiB.
        #expect(try resident() - before < 64 << 20)
    }
}
