import Foundation
import Testing

@testable import Store

@Suite struct TimesCodecTests {
    @Test(arguments: [
        [0], [Int64.min, Int64.max, 0, -1, 1], (0..<1_000).map { Int64($0) * 1_000_003 },
        (0..<5_000).map { Int64(bitPattern: UInt64($0) &* 0x9e37_79b9_7f4a_7c15) },
    ])
    func everyTimeComesBack(times: [Int64]) throws {
        var compressor = try ZstdCompressor()
        var scratch: [UInt8] = []
        let data = times.withUnsafeBufferPointer {
            TimesCodec.encode($0, scratch: &scratch, compressor: &compressor)
        }
        let codec = TimesCodec(decoder: ZstdDecoder(contexts: 1))
        #expect(try codec.decode(data, count: times.count) == times)
        #expect(throws: StoreError.self) { try codec.decode(data, count: times.count + 1) }
    }

    @Test(arguments: [
        [], [2, 0], [0, 0x80], [1, 1, 2, 3], [0] + Array(repeating: 0xff, count: 11),
    ])
    func damagedBytesAreAnErrorNotACrash(bytes: [UInt8]) {
        let codec = TimesCodec(decoder: ZstdDecoder(contexts: 1))
        #expect(throws: StoreError.self) { try codec.decode(Data(bytes), count: 1) }
        // No memory is taken for lines that there cannot be.
        #expect(throws: StoreError.self) { try codec.decode(Data(bytes), count: .max) }
    }
}
