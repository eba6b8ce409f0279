/// A final response head, complete.
struct ResponseHead: Sendable, Equatable {
    var status = 0
    var httpVersion = ""
    var fields: [HTTPField] = []
}

/// Makes response heads out of the header lines that libcurl reports one by one.
///
/// libcurl reports every head of a transfer: informational ones (1xx), those of redirects that it
/// follows, the final one, and after the body the trailers. Only the final head comes out.
struct ResponseHeadParser {
    private let followsRedirects: Bool
    private var head = ResponseHead()
    private var isInHead = false

    init(followsRedirects: Bool) {
        self.followsRedirects = followsRedirects
    }

    /// Takes one line with its line end.
    ///
    /// - Returns: the final head, when this line is the empty one that completes it.
    mutating func take(_ line: some Collection<UInt8>) -> ResponseHead? {
        let text = Self.trimmed(line)
        if text.starts(with: "HTTP/".utf8) {
            begin(statusLine: text)
            return nil
        }
        guard isInHead else { return nil }  // a trailer
        if text.isEmpty {
            isInHead = false
            return isFinal ? head : nil
        }
        if let first = line.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") {
            continueField(with: text)
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            let name = String(decoding: text[..<colon], as: UTF8.self)
            let value = Self.trimmed(text[text.index(after: colon)...])
            head.fields.append(
                HTTPField(name: name, value: String(decoding: value, as: UTF8.self)))
        }
        return nil
    }

    private mutating func begin(statusLine: some Collection<UInt8>) {
        let words = statusLine.split(separator: UInt8(ascii: " "), maxSplits: 2)
        head = ResponseHead()
        if let version = words.first?.dropFirst(5) {
            head.httpVersion = String(decoding: version, as: UTF8.self)
        }
        if words.count > 1 {
            head.status = Int(String(decoding: words[1], as: UTF8.self)) ?? 0
        }
        isInHead = true
    }

    /// An obsolete folded line: part of the field before it.
    private mutating func continueField(with text: some Collection<UInt8>) {
        guard var last = head.fields.popLast() else { return }
        last.value += " " + String(decoding: text, as: UTF8.self)
        head.fields.append(last)
    }

    /// libcurl follows a 3xx that has a Location, and treats any other as the answer.
    private var isFinal: Bool {
        if head.status < 200 { return false }
        guard followsRedirects, (300..<400).contains(head.status) else { return true }
        return !head.fields.contains { $0.name.lowercased() == "location" }
    }

    private static func trimmed(_ bytes: some Collection<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
                || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n")
        }
        let copy = Array(bytes)[...]
        let start = copy.firstIndex { !isBlank($0) } ?? copy.endIndex
        let end = copy.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
        return copy[start..<max(start, end)]
    }
}
