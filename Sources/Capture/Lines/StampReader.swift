import LogModel

/// Reads the timestamp and the space that the kubelet puts before a line.
///
/// Consecutive lines mostly share their second. So the last whole second is remembered in the form
/// in which it was written, and a line of the same second costs three comparisons and nine digits.
///
/// ```
/// 2026-11-23T18:30:20.422284631Z hello
/// └─── 20 bytes ─────┘└ 9 ────┘└ 2
/// ```
/// Any other form of RFC 3339 (0 to 9 digits, any zone) is read the slow way.
struct StampReader {
    /// The longest stamp: nine digits, a numeric zone and the space.
    static let longest = 36

    private static let usual = 31
    private var head: (UInt64, UInt64, UInt32) = (0, 0, 0)
    private var second: Int64 = 0

    /// Reads a stamp that starts at `start`.
    ///
    /// - Returns: the time in nanoseconds and the index behind the space; `nil` when no stamp is
    ///   there.
    @inline(__always)
    mutating func read(_ bytes: UnsafeRawBufferPointer, at start: Int) -> (time: Int64, end: Int)? {
        if bytes.count - start >= Self.usual, let base = bytes.baseAddress {
            let from = base + start
            if from.loadUnaligned(as: UInt64.self) == head.0,
                from.loadUnaligned(fromByteOffset: 8, as: UInt64.self) == head.1,
                from.loadUnaligned(fromByteOffset: 16, as: UInt32.self) == head.2,
                from.load(fromByteOffset: 29, as: UInt8.self) == UInt8(ascii: "Z"),
                from.load(fromByteOffset: 30, as: UInt8.self) == UInt8(ascii: " "),
                let fraction = Self.nineDigits(from + 20)
            {
                return (second + fraction, start + Self.usual)
            }
        }
        return readSlowly(bytes, at: start)
    }

    /// Nine ASCII digits as a number; `nil` when one of them is no digit.
    @inline(__always)
    private static func nineDigits(_ from: UnsafeRawPointer) -> Int64? {
        let text = UInt64(littleEndian: from.loadUnaligned(as: UInt64.self))
        let last = from.load(fromByteOffset: 8, as: UInt8.self) &- 0x30
        let digits = text &- 0x3030_3030_3030_3030
        // A byte that is no digit borrows, or is over 9: both show in a high half-byte.
        let over = (digits | (digits &+ 0x0606_0606_0606_0606)) & 0xF0F0_F0F0_F0F0_F0F0
        guard over == 0, last < 10 else { return nil }
        // Eight digits become four pairs, two fours and one number, all lanes at once.
        let pairs = (digits &* 10 &+ (digits >> 8)) & 0x00FF_00FF_00FF_00FF
        let fours = (pairs &* 100 &+ (pairs >> 16)) & 0x0000_FFFF_0000_FFFF
        let eight = (fours &* 10_000 &+ (fours >> 32)) & 0xFFFF_FFFF
        return Int64(eight) * 10 + Int64(last)
    }

    private mutating func readSlowly(
        _ bytes: UnsafeRawBufferPointer, at start: Int
    ) -> (time: Int64, end: Int)? {
        guard let (time, end) = RFC3339.parse(bytes, from: start), end < bytes.count,
            bytes[end] == UInt8(ascii: " ")
        else { return nil }
        if end + 1 - start == Self.usual, bytes[end - 1] == UInt8(ascii: "Z"),
            bytes[start + 19] == UInt8(ascii: ".")
        {
            head = (
                bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: start + 16, as: UInt32.self)
            )
            second = time.wholeSeconds * 1_000_000_000
        }
        return (time.nanoseconds, end + 1)
    }
}
