/// One line of the style `mixed`: everything that is hard to carry, in the shares that follow.
///
/// | share | line |
/// | --- | --- |
/// | 1/16 | empty |
/// | 1/16 | a progress bar: parts with `\r` between them |
/// | 1/8 | ANSI colours |
/// | 1/16 | 1 to 64 bytes of any value but a newline's, so not UTF-8 |
/// | 1/64 | `JOB_OUT mixed.K=part-N`, K from 0 to 7 |
/// | 1/512 | a numbered line of more than 16 KiB, up to 80 KiB |
/// | 1/32768 | a numbered line of more than 1 MiB, up to 1.5 MiB |
/// | the rest | a numbered line of the plain style, 16 bytes to twice the script's `bytes` |
struct MixedLine {
    /// What the line is made of.
    enum Content {
        case bytes([UInt8])
        /// A numbered line of that many bytes.
        case numbered(count: Int)
    }

    /// What long lines and all others add to the script's `bytes`, on average.
    static let surplus = 130
    private static let mebibyte = 1 << 20

    /// The line's bytes, without its newline.
    let content: Content

    /// Line `n` of the instance with this seed.
    init(_ n: Int, seed: UInt64, bytes: Int, marker: String) {
        var random = SeededRandom(seed: seed &+ UInt64(n) &* 0xC2B2_AE3D_27D4_EB4F)
        func number(_ range: Range<Int>) -> Int {
            range.lowerBound + Int(random.next() % UInt64(range.count))
        }
        content =
            switch number(0..<32_768) {
            case 0: .numbered(count: number(Self.mebibyte + 1..<Self.mebibyte * 3 / 2))
            case 1..<65: .numbered(count: number(LogCursor.recordBytes + 1..<80 << 10))
            case 65..<577: .bytes(Array("\(marker)mixed.\(n % 8)=part-\(n)".utf8))
            case 577..<2_625: .bytes([])
            case 2_625..<4_673: .bytes(Self.progress(number(1..<11)))
            case 4_673..<6_721:
                .bytes(
                    (0..<number(1..<65)).map { _ in
                        let byte = UInt8(truncatingIfNeeded: random.next())
                        return byte == UInt8(ascii: "\n") ? 0xFF : byte
                    })
            case 6_721..<10_817:
                .bytes(Array("\u{1B}[3\(number(1..<7))mINFO\u{1B}[0m step \(n)\u{1B}[K".utf8))
            default: .numbered(count: number(LogText.smallestLine - 1..<max(17, 2 * bytes)))
            }
    }

    /// The number of bytes.
    var count: Int {
        switch content {
        case .bytes(let bytes): bytes.count
        case .numbered(let count): count
        }
    }

    private static func progress(_ steps: Int) -> [UInt8] {
        Array((0...steps).map { "progress \($0 * 10)%" }.joined(separator: "\r").utf8)
    }
}
