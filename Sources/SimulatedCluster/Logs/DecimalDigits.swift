/// Decimal numbers of a fixed width, with leading zeros, written in place.
enum DecimalDigits {
    /// Writes the last `width` digits of `value`.
    @inline(__always)
    static func write(_ value: UInt64, width: Int, to target: UnsafeMutableRawPointer) {
        var value = value
        var place = width - 1
        while place >= 0 {
            let (rest, digit) = value.quotientAndRemainder(dividingBy: 10)
            (target + place).storeBytes(of: 0x30 | UInt8(truncatingIfNeeded: digit), as: UInt8.self)
            value = rest
            place -= 1
        }
    }
}
