import LogModel

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Writes the times before lines: the calendar is worked out once a second, not once a line.
struct TimestampWriter {
    /// A time and the space behind it.
    static let length = RFC3339.writtenLength + 1
    private static let secondLength = 20

    private var second = Int64.min
    private var head: (UInt64, UInt64, UInt32) = (0, 0, 0)

    /// Writes `time` and a space.
    @inline(__always)
    mutating func write(_ time: LogTime, to target: UnsafeMutableRawPointer) {
        let second = time.wholeSeconds
        if second != self.second { remember(time, second) }
        withUnsafeBytes(of: &head) { source in
            if let base = source.baseAddress { memcpy(target, base, Self.secondLength) }
        }
        let fraction = UInt64(time.nanoseconds - second * 1_000_000_000)
        DecimalDigits.write(fraction, width: 9, to: target + Self.secondLength)
        (target + 29).storeBytes(of: UInt8(ascii: "Z"), as: UInt8.self)
        (target + 30).storeBytes(of: UInt8(ascii: " "), as: UInt8.self)
    }

    private mutating func remember(_ time: LogTime, _ second: Int64) {
        self.second = second
        withUnsafeTemporaryAllocation(byteCount: RFC3339.writtenLength, alignment: 8) { written in
            RFC3339.write(time, to: written)
            withUnsafeMutableBytes(of: &head) { head in
                head.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: written[..<Self.secondLength]))
            }
        }
    }
}
