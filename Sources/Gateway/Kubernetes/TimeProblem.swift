/// What is wrong with a text that is no RFC 3339 time, as Kubernetes' parser says it: where reading
/// stops, and what was expected there.
enum TimeProblem {
    private static let parts = [
        "2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05", "Z07:00",
    ]

    /// What is wrong with `text`.
    static func text(_ text: String) -> String {
        var rest = text[...]
        for part in parts {
            if part == "Z07:00" { rest = rest.dropFraction() }
            guard let after = read(part, of: rest) else {
                return "cannot parse \"\(rest)\" as \"\(part)\""
            }
            rest = after
        }
        return rest.isEmpty ? "a part is out of range" : "extra text: \"\(rest)\""
    }

    /// What follows a part; `nil` when it is not there.
    private static func read(_ part: String, of text: Substring) -> Substring? {
        if part == "Z07:00" {
            if text.hasPrefix("Z") { return text.dropFirst() }
            guard text.hasPrefix("+") || text.hasPrefix("-") else { return nil }
            let zone = text.dropFirst()
            return read("07", of: zone).flatMap { read(":", of: $0) }.flatMap { read("00", of: $0) }
        }
        guard part.first?.isNumber == true else {
            return text.hasPrefix(part) ? text.dropFirst(part.count) : nil
        }
        let digits = text.prefix(part.count)
        guard digits.count == part.count, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            return nil
        }
        return text.dropFirst(part.count)
    }
}

extension Substring {
    /// What follows a fraction of a second, if there is one.
    fileprivate func dropFraction() -> Substring {
        guard hasPrefix(".") else { return self }
        let rest = dropFirst().drop { $0.isASCII && $0.isNumber }
        return rest.count < count - 1 ? rest : self
    }
}
