/// What Kubernetes lets the keys and values of labels be.
enum LabelSyntax {
    /// Characters of a name, and of a value, at most.
    private static let nameLength = 63
    /// Characters of the domain before a key's name at most.
    private static let domainLength = 253

    /// What is wrong with a key: `[domain/]name`.
    static func problem(ofKey key: String) -> String? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let name = parts.last else {
            return "a qualified name \(nameRule("MyName")) with an optional DNS subdomain prefix "
                + "and '/' (e.g. 'example.com/MyName')"
        }
        if parts.count == 2 {
            if parts[0].isEmpty { return "prefix part must be non-empty" }
            if parts[0].utf8.count > domainLength || !isDomain(parts[0]) {
                return "prefix part a lowercase RFC 1123 subdomain must consist of lower case "
                    + "alphanumeric characters, '-' or '.', and must start and end with an "
                    + "alphanumeric character"
            }
        }
        if name.isEmpty { return "name part must be non-empty" }
        if name.utf8.count > nameLength {
            return "name part must be no more than \(nameLength) characters"
        }
        return isName(name) ? nil : "name part \(nameRule("MyName"))"
    }

    /// What is wrong with a value.
    static func problem(ofValue value: String) -> String? {
        if value.utf8.count > nameLength {
            return "must be no more than \(nameLength) characters"
        }
        return value.isEmpty || isName(value[...])
            ? nil
            : "a valid label must be an empty string or consist of alphanumeric characters, '-', "
                + "'_' or '.', and must start and end with an alphanumeric character "
                + "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
                + "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
    }

    private static func nameRule(_ example: String) -> String {
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
            + "alphanumeric character (e.g. '\(example)',  or 'my.name',  or '123-abc', regex used "
            + "for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
    }

    private static func isName(_ text: Substring) -> Bool {
        isText(text, between: "-_.".utf8)
    }

    private static func isDomain(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            isText(label, between: "-".utf8) && label.utf8.allSatisfy { !isUpper($0) }
        }
    }

    /// Letters and digits, and between them also `others`.
    private static func isText(_ text: Substring, between others: String.UTF8View) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || others.contains($0) }
    }

    private static func isUpper(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || isUpper(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
