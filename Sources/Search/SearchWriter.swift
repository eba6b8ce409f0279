import ByteBlocks
import LogModel

/// Writes results into one buffer.
///
/// | form | match | context | gap record | between groups |
/// | --- | --- | --- | --- | --- |
/// | text | `N:line` | `N-line` | `N-line` | `--` |
/// | JSON | `{"line":N,"time":T,"text":…,"match":true,"ranges":[[from,to]…]}` | the same with `"match":false` | `{"line":N,"gap":…}` | nothing |
///
/// In JSON, bytes that are no UTF-8 are replaced in `text`, and `ranges` counts UTF-16 units of it,
/// as JavaScript does.
struct SearchWriter: Sendable {
    /// The most ranges of one line, 100: more are of no use to a page, and each is another search.
    static let rangeLimit = 100

    let form: SearchForm
    private(set) var bytes: [UInt8] = []

    /// An empty buffer.
    init(_ form: SearchForm) {
        self.form = form
    }

    /// What was written; the buffer is empty then.
    mutating func take() -> ByteBlock? {
        guard !bytes.isEmpty else { return nil }
        defer { bytes = [] }
        return ByteBlock(bytes)
    }

    /// Writes what stands between two groups of lines.
    mutating func addSeparator() {
        if form != .json { bytes.append(contentsOf: "--\n".utf8) }
    }

    /// Writes a gap record.
    mutating func addGap(_ text: SearchText) {
        let line = Self.bytes(of: text, 0..<text.block.count).filter { $0 != UInt8(ascii: "\n") }
        guard form == .json else {
            bytes.append(contentsOf: "\(text.first)-".utf8)
            bytes.append(contentsOf: line + [UInt8(ascii: "\n")])
            return
        }
        bytes.append(contentsOf: "{\"line\":\(text.first),\"gap\":".utf8)
        JSONText.append(String(decoding: line, as: UTF8.self), to: &bytes)
        bytes.append(contentsOf: "}\n".utf8)
    }

    /// Writes a line; `ranges` are the bytes of it that match, `nil` for a line of the context.
    mutating func add(_ line: SearchLine, of text: SearchText, ranges: [Range<Int>]?) {
        let time = text.time(of: line.number).map { LogTime(nanoseconds: $0).description }
        let content = Self.bytes(of: text, line.start..<line.end)
        if case .text(let timestamps) = form {
            bytes.append(contentsOf: "\(line.number)\(ranges == nil ? "-" : ":")".utf8)
            if timestamps, let time { bytes.append(contentsOf: "\(time) ".utf8) }
            bytes.append(contentsOf: content)
            bytes.append(UInt8(ascii: "\n"))
            return
        }
        bytes.append(contentsOf: "{\"line\":\(line.number)".utf8)
        if let time { bytes.append(contentsOf: ",\"time\":\"\(time)\"".utf8) }
        bytes.append(contentsOf: ",\"text\":".utf8)
        JSONText.append(String(decoding: content, as: UTF8.self), to: &bytes)
        bytes.append(contentsOf: ",\"match\":\(ranges != nil)".utf8)
        if let ranges {
            let units = Self.units(ranges, in: content).map {
                "[\($0.lowerBound),\($0.upperBound)]"
            }
            bytes.append(contentsOf: ",\"ranges\":[\(units.joined(separator: ","))]".utf8)
        }
        bytes.append(contentsOf: "}\n".utf8)
    }

    private static func bytes(of text: SearchText, _ range: Range<Int>) -> [UInt8] {
        withExtendedLifetime(text) { unsafe Array(text.block.bytes[range]) }
    }

    /// The ranges in UTF-16 units of the text that the bytes are replaced with. A match begins and
    /// ends between characters, so each piece is replaced as it is within the whole.
    private static func units(_ ranges: [Range<Int>], in content: [UInt8]) -> [Range<Int>] {
        var at = 0
        var units = 0
        func advance(to offset: Int) -> Int {
            if offset > at {
                units += String(decoding: content[at..<offset], as: UTF8.self).utf16.count
                at = offset
            }
            return units
        }
        return ranges.map { range in
            let from = advance(to: range.lowerBound)
            return from..<advance(to: range.upperBound)
        }
    }
}

/// JSON's form of a text: RFC 8259 section 7.
enum JSONText {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Appends `text` in quotes.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\t"): bytes += Array("\\t".utf8)
            case UInt8(ascii: "\r"): bytes += Array("\\r".utf8)
            case 0..<0x20:
                bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 0xf)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
