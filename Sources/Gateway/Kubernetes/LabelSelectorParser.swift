/// Reads the requirements of a label selector, and tells what is wrong as Kubernetes does.
struct LabelSelectorParser {
    /// What is wrong.
    struct Failure: Error {
        let message: String
    }

    private typealias Requirement = LabelSelector.Requirement
    private typealias Token = SelectorLexer.Token
    private static let operators = "in, notin, =, ==, !=, gt, lt"

    private var lexer: SelectorLexer

    /// A parser of `text`.
    init(_ text: String) {
        lexer = SelectorLexer(text)
    }

    /// The requirements, in order.
    mutating func parse() throws(Failure) -> [LabelSelector.Requirement] {
        var requirements: [Requirement] = []
        while true {
            let token = lexer.peek()
            if token.kind == .end { return requirements }
            guard token.isWord || token.kind == .not else {
                throw found(token, "!, identifier, or 'end of string'")
            }
            do {
                requirements.append(try requirement())
            } catch {
                throw Failure(message: "unable to parse requirement: \(error.message)")
            }
            let separator = lexer.next()
            if separator.kind == .end { return requirements }
            guard separator.kind == .comma else {
                throw found(separator, "',' or 'end of string'")
            }
            let next = lexer.peek()
            guard next.isWord || next.kind == .not else {
                throw found(next, "identifier after ','")
            }
        }
    }

    private mutating func requirement() throws(Failure) -> LabelSelector.Requirement {
        var token = lexer.next()
        let isNegated = token.kind == .not
        if isNegated { token = lexer.next() }
        guard token.isWord else { throw found(token, "identifier") }
        let key = token.text
        if let problem = LabelSyntax.problem(ofKey: key) {
            throw Failure(message: "invalid label key \"\(key)\": \(problem)")
        }
        let next = lexer.peek()
        if isNegated { return Requirement(key: key, condition: .absent) }
        if next.kind == .end || next.kind == .comma {
            return Requirement(key: key, condition: .exists)
        }
        return Requirement(key: key, condition: try condition(key))
    }

    private mutating func condition(_ key: String) throws(Failure) -> Requirement.Condition {
        let sign = lexer.next()
        switch sign.kind {
        case .in: return .among(try check(list(), key))
        case .notIn: return .notAmong(try check(list(), key))
        case .equals, .doubleEquals: return .among(try check([value()], key))
        case .notEquals: return .notAmong(try check([value()], key))
        case .greater: return .above(try number(key))
        case .less: return .below(try number(key))
        default: throw found(sign, Self.operators)
        }
    }

    private mutating func value() throws(Failure) -> String {
        let next = lexer.peek()
        if next.kind == .end || next.kind == .comma { return "" }
        let token = lexer.next()
        guard token.isWord else { throw found(token, "identifier") }
        return token.text
    }

    private mutating func number(_ key: String) throws(Failure) -> Int64 {
        let text = try value()
        guard let number = Int64(text) else {
            throw Failure(
                message: "values[0][\(key)]: Invalid value: \"\(text)\": for 'Gt', 'Lt' operators, "
                    + "the value must be an integer")
        }
        return number
    }

    /// The values between parentheses; one that is left out is the empty one.
    private mutating func list() throws(Failure) -> Set<String> {
        let open = lexer.next()
        guard open.kind == .open else {
            throw Failure(message: "found '\(open.text)' expected: '('")
        }
        var values: Set<String> = []
        while true {
            let token = lexer.peek()
            if token.isWord {
                values.insert(lexer.next().text)
                let separator = lexer.next()
                if separator.kind == .close { return values }
                guard separator.kind == .comma else { throw found(separator, "',' or ')'") }
                if lexer.peek().kind == .close { values.insert("") }
            } else if token.kind == .comma || token.kind == .close {
                _ = lexer.next()
                if token.kind == .comma || values.isEmpty { values.insert("") }
                if token.kind == .close { return values }
            } else {
                throw found(token, "',', ')' or identifier")
            }
        }
    }

    private func check(_ values: Set<String>, _ key: String) throws(Failure) -> Set<String> {
        for value in values.sorted() {
            if let problem = LabelSyntax.problem(ofValue: value) {
                throw Failure(
                    message: "invalid label value: \"\(value)\": at key: \"\(key)\": \(problem)")
            }
        }
        return values
    }

    private func found(_ token: SelectorLexer.Token, _ expected: String) -> Failure {
        Failure(message: "found '\(token.text)', expected: \(expected)")
    }
}
