/// What can be told of a regular expression by its letters alone. When in doubt the answer is no,
/// which costs speed and nothing else.
enum PatternSyntax {
    private static let special = Set("\\^$.[]|()?*+{}".utf8)
    /// Letters whose escape looks at one character at most, and behind it at none but newlines.
    private static let plainEscapes = Set("dDwWsSbBht".utf8)

    /// Whether the expression is a text that stands for itself.
    static func isLiteral(_ pattern: String) -> Bool {
        !pattern.utf8.contains { special.contains($0) || $0 == UInt8(ascii: "\n") }
    }

    /// Whether many lines may be searched in one call, each line that is found being tried again
    /// alone.
    ///
    /// That finds the same lines as line by line if every way in which the expression can match
    /// from some place of a line is also a way in the text of many lines. So it is where each item
    /// takes characters and gives them back when what follows does not match: literals, classes,
    /// groups, alternatives, `^`, `$`, `\b` and quantifiers. Items that look around, that refer
    /// back, that never give back, that know where the text begins or ends, or that are verbs of
    /// PCRE2 may say no because of another line.
    static func isBlockwise(_ pattern: String) -> Bool {
        var rest = Array(pattern.utf8)[...]
        if rest.starts(with: Array("(?i)".utf8)) { rest = rest.dropFirst(4) }
        var isBehindQuantifier = false
        while let byte = rest.popFirst() {
            var isQuantifier = false
            switch byte {
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst(), isPlain(escape: escaped) else { return false }
            case UInt8(ascii: "["):
                guard skipClass(&rest) else { return false }
            case UInt8(ascii: "("):
                if rest.first == UInt8(ascii: "*") { return false }
                if rest.first == UInt8(ascii: "?") {
                    guard rest.dropFirst().first == UInt8(ascii: ":") else { return false }
                    rest = rest.dropFirst(2)
                }
            case UInt8(ascii: "+") where isBehindQuantifier:
                return false
            case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "}"):
                isQuantifier = true
            case UInt8(ascii: "\n"):
                return false
            default: break
            }
            isBehindQuantifier = isQuantifier
        }
        return true
    }

    /// Whether the expression may have a `\b` or `\B`, or what PCRE2 makes one of.
    static func mayLookAtBoundaries(_ pattern: String) -> Bool {
        ["\\b", "\\B", "[[:<:]]", "[[:>:]]"].contains { pattern.contains($0) }
    }

    private static func isPlain(escape: UInt8) -> Bool {
        if plainEscapes.contains(escape) { return true }
        let isLetterOrDigit =
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(escape)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(escape | 0x20)
        return !isLetterOrDigit && escape < 0x80 && escape > 0x20
    }

    /// Goes behind a class whose bracket was taken; `false` where it has no end.
    private static func skipClass(_ rest: inout ArraySlice<UInt8>) -> Bool {
        if rest.first == UInt8(ascii: "^") { rest.removeFirst() }
        // A bracket at the start stands for itself.
        if rest.first == UInt8(ascii: "]") { rest.removeFirst() }
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "]"): return true
            case UInt8(ascii: "["):
                // A named class, as in `[[:digit:]]`, is left to PCRE2 line by line.
                if rest.first == UInt8(ascii: ":") { return false }
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst(), isPlain(escape: escaped) else { return false }
            case UInt8(ascii: "\n"): return false
            default: break
            }
        }
        return false
    }
}
