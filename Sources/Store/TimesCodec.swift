import Foundation

/// The timestamps of a chunk's lines.
///
/// | bytes | what |
/// | --- | --- |
/// | 0 | format: 0 = varints as they are, 1 = one zstd frame of them |
/// | 1… | for each line the difference to the line before (to 0 for the first), in nanoseconds, zigzag: 0, -1, 1, -2 … become 0, 1, 2, 3 …; then as a varint: 7 bits a byte, lowest first, the top bit set in all but the last byte |
///
/// Varints as they are, when there are fewer than ``plainLimit`` bytes of them: a frame would be
/// longer.
struct TimesCodec: Sendable {
    /// Bytes of varints up to which they are stored without a frame.
    static let plainLimit = 64
    /// A varint of 64 bits has at most 10 bytes.
    private static let longestVarint = 10

    private static let plain: UInt8 = 0
    private static let framed: UInt8 = 1

    let decoder: ZstdDecoder

    /// Encodes `times`; `scratch` is overwritten, to be reused by its owner.
    static func encode(
        _ times: UnsafeBufferPointer<Int64>, scratch: inout [UInt8],
        compressor: inout ZstdCompressor
    ) -> Data {
        let bound = times.count * longestVarint
        if scratch.count < bound { scratch = [UInt8](repeating: 0, count: bound) }
        let count = unsafe scratch.withUnsafeMutableBufferPointer { target in
            var at = 0
            var last: Int64 = 0
            for index in 0..<times.count {
                let time = unsafe times[index]
                let delta = time &- last
                last = time
                var rest = UInt64(bitPattern: (delta << 1) ^ (delta >> 63))
                while rest >= 0x80 {
                    unsafe target[at] = UInt8(truncatingIfNeeded: rest) | 0x80
                    at += 1
                    rest >>= 7
                }
                unsafe target[at] = UInt8(truncatingIfNeeded: rest)
                at += 1
            }
            return at
        }
        return unsafe scratch.withUnsafeBytes { bytes in
            let varints = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<count])
            if count < plainLimit {
                var data = Data([plain])
                unsafe data.append(contentsOf: varints)
                return data
            }
            var data = Data([framed])
            let frame = unsafe compressor.frame(varints)
            data.append(frame)
            return data
        }
    }

    /// Decodes the timestamps of `count` lines.
    ///
    /// - Throws: ``StoreError/Code/corrupt`` when they are not that many.
    func decode(_ data: Data, count: Int) throws -> [Int64] {
        guard let format = data.first else { throw Self.corrupt("no timestamps") }
        let body = data.dropFirst()
        let varints: Data
        switch format {
        case Self.plain: varints = body
        case Self.framed: varints = try decoder.decodeSized(body)
        default: throw Self.corrupt("unknown format \(format) of timestamps")
        }
        guard count <= varints.count else {
            throw Self.corrupt("\(varints.count) bytes of timestamps for \(count) lines")
        }
        var times: [Int64] = []
        times.reserveCapacity(varints.count)
        var last: Int64 = 0
        var value: UInt64 = 0
        var shift: UInt64 = 0
        let isWhole = unsafe varints.withUnsafeBytes { bytes in
            for index in 0..<bytes.count {
                let byte = unsafe bytes[index]
                guard shift < 64 else { return false }
                value |= UInt64(byte & 0x7f) << shift
                if byte & 0x80 != 0 {
                    shift += 7
                    continue
                }
                last = last &+ (Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1))
                times.append(last)
                value = 0
                shift = 0
            }
            return shift == 0
        }
        guard isWhole, times.count == count else {
            throw Self.corrupt("\(times.count) timestamps for \(count) lines")
        }
        return times
    }

    private static func corrupt(_ message: String) -> StoreError {
        StoreError(
            "read timestamps", .corrupt, path: "", message, advice: StoreError.corruptAdvice)
    }
}
