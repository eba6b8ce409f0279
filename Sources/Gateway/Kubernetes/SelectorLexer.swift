/// Cuts a label selector into its words and signs, as Kubernetes does.
struct SelectorLexer {
    /// A piece of a selector.
    struct Token: Equatable {
        /// What it is; two signs that are one token together are one, as `!=`.
        enum Kind: Equatable {
            case end
            case word
            case comma, open, close
            case not
            case `in`, notIn, equals, doubleEquals, notEquals, greater, less
        }

        let kind: Kind
        let text: String

        /// Whether it may stand where a word is expected: `in` and `notin` are words there.
        var isWord: Bool { kind == .word || kind == .in || kind == .notIn }
    }

    private static let signs: [String: Token.Kind] = [
        ",": .comma, "(": .open, ")": .close, "!": .not, "=": .equals, "==": .doubleEquals,
        "!=": .notEquals, ">": .greater, "<": .less,
    ]
    private static let words: [String: Token.Kind] = ["in": .in, "notin": .notIn]

    /// What Kubernetes takes for white space; to Swift the last one is one character.
    private static let blanks: Set<Character> = [" ", "\t", "\r", "\n", "\r\n"]

    private var rest: Substring
    private var ahead: Token?

    /// Starts at the beginning of `text`.
    init(_ text: String) {
        rest = text[...]
    }

    /// The next token, which stays the next one.
    mutating func peek() -> Token {
        if let ahead { return ahead }
        let token = scan()
        ahead = token
        return token
    }

    /// The next token; ``Token/Kind/end`` for ever behind the last one.
    mutating func next() -> Token {
        defer { ahead = nil }
        return peek()
    }

    private mutating func scan() -> Token {
        rest = rest.drop(while: Self.blanks.contains)
        guard let first = rest.first else { return Token(kind: .end, text: "") }
        guard Self.signs[String(first)] != nil else {
            let word = String(
                rest.prefix { !Self.blanks.contains($0) && Self.signs[String($0)] == nil })
            rest = rest.dropFirst(word.count)
            return Token(kind: Self.words[word] ?? .word, text: word)
        }
        for length in [2, 1] {
            let text = String(rest.prefix(length))
            guard text.count == length, let kind = Self.signs[text] else { continue }
            rest = rest.dropFirst(length)
            return Token(kind: kind, text: text)
        }
        return Token(kind: .end, text: "")
    }
}
