/// A label selector: requirements that must all hold.
///
/// | form | holds when the label |
/// | --- | --- |
/// | `key=value`, `key==value` | has that value |
/// | `key!=value` | has another value, or is absent |
/// | `key in (a, b)` | has one of the values |
/// | `key notin (a, b)` | has none of them, or is absent |
/// | `key`, `!key` | is there, is absent |
package struct LabelSelector: Sendable, Equatable {
    private enum Requirement: Sendable, Equatable {
        case among(String, Set<String>)
        case notAmong(String, Set<String>)
        case exists(String)
        case absent(String)
    }

    private var requirements: [Requirement] = []

    /// Reads a selector; an empty one selects everything.
    package init(_ text: String) throws(StatusError) {
        for part in Self.parts(text) {
            let part = Self.trimmed(part)
            if part.isEmpty { continue }
            guard let requirement = Self.requirement(part) else {
                throw .badRequest(
                    "unable to parse requirement: found '\(part)', expected: key, !key, =, ==, !=, "
                        + "in (…) or notin (…)")
            }
            requirements.append(requirement)
        }
    }

    /// Whether everything is selected.
    package var isEmpty: Bool { requirements.isEmpty }

    /// Whether labels are selected.
    package func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .among(let key, let values): labels[key].map(values.contains) ?? false
            case .notAmong(let key, let values): !(labels[key].map(values.contains) ?? false)
            case .exists(let key): labels[key] != nil
            case .absent(let key): labels[key] == nil
            }
        }
    }

    /// Splits at commas that are not within parentheses.
    private static func parts(_ text: String) -> [String] {
        var parts = [""]
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts
    }

    private static func requirement(_ part: String) -> Requirement? {
        if part.hasSuffix(")"), let open = part.firstIndex(of: "(") {
            let words = part[..<open].split(separator: " ").map(String.init)
            guard words.count == 2, isKey(words[0]) else { return nil }
            let list = part[part.index(after: open)...].dropLast()
            let values = Set(list.split(separator: ",").map { trimmed(String($0)) })
            guard values.allSatisfy(isValue) else { return nil }
            switch words[1] {
            case "in": return .among(words[0], values)
            case "notin": return .notAmong(words[0], values)
            default: return nil
            }
        }
        if let sign = part.firstIndex(of: "="), sign != part.startIndex {
            var key = String(part[..<sign])
            var value = String(part[part.index(after: sign)...])
            let isNegated = key.hasSuffix("!")
            if isNegated {
                key.removeLast()
            } else if value.hasPrefix("=") {
                value.removeFirst()
            }
            key = trimmed(key)
            value = trimmed(value)
            guard isKey(key), isValue(value) else { return nil }
            return isNegated ? .notAmong(key, [value]) : .among(key, [value])
        }
        if part.hasPrefix("!") {
            let key = trimmed(String(part.dropFirst()))
            return isKey(key) ? .absent(key) : nil
        }
        return isKey(part) ? .exists(part) : nil
    }

    private static func isKey(_ text: String) -> Bool {
        !text.isEmpty && text.allSatisfy { isNameCharacter($0) || $0 == "/" }
    }

    private static func isValue(_ text: String) -> Bool {
        text.allSatisfy(isNameCharacter)
    }

    private static func isNameCharacter(_ character: Character) -> Bool {
        character.isASCII
            && (character.isLetter || character.isNumber || "-_.".contains(character))
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
