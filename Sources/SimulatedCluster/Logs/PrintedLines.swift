import Foundation

/// Lines that a container prints as they are, from an annotation: base64, since they may be any
/// bytes. In the text behind it `<<C*N>>` stands for N times the byte C, so that a line of some MiB
/// fits into an annotation.
enum PrintedLines {
    /// The longest that a text may become: 256 MiB.
    static let largest = 256 << 20

    /// The lines, without their newlines; `nil` for what is no base64 or would be too long.
    static func read(_ text: String) -> [[UInt8]]? {
        guard let data = Data(base64Encoded: text) else { return nil }
        var bytes: [UInt8] = []
        var rest = Array(data)[...]
        while let first = rest.first {
            if let (byte, count, length) = repetition(rest) {
                guard bytes.count + count <= largest else { return nil }
                bytes += [UInt8](repeating: byte, count: count)
                rest = rest.dropFirst(length)
            } else {
                guard bytes.count < largest else { return nil }
                bytes.append(first)
                rest = rest.dropFirst()
            }
        }
        return bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { Array($0) }
    }

    /// What `<<C*N>>` at the beginning of `bytes` stands for, and how long it is.
    private static func repetition(
        _ bytes: ArraySlice<UInt8>
    ) -> (byte: UInt8, count: Int, length: Int)? {
        guard bytes.starts(with: Array("<<".utf8)), bytes.count > 6 else { return nil }
        let byte = bytes[bytes.startIndex + 2]
        let behind = bytes.dropFirst(3)
        guard behind.first == UInt8(ascii: "*") else { return nil }
        let digits = behind.dropFirst().prefix(9).prefix { (0x30...0x39).contains($0) }
        guard behind.dropFirst(1 + digits.count).starts(with: Array(">>".utf8)),
            let count = Int(String(decoding: digits, as: UTF8.self))
        else { return nil }
        return (byte, count, 4 + digits.count + 2)
    }
}
