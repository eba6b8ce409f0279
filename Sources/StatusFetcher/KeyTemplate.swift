import Kubernetes

/// How a name is put together from a Pod's labels and annotations.
///
/// The text form, as in the settings, is fixed text with placeholders:
///
/// | placeholder | stands for |
/// | --- | --- |
/// | `{label:KEY}` | the value of label `KEY` |
/// | `{annotation:KEY}` | the value of annotation `KEY` |
/// | `{…\|untried}` | the value without the number of a try at its end: `load(2)` gives `load` |
/// | `{…\|after:LABEL}` | the value without its beginning, when that is label `LABEL`'s value and `-` |
///
/// A template applies to a Pod only when every placeholder has a value that is not empty.
package struct KeyTemplate: Sendable, Hashable {
    /// One piece of a template.
    enum Part: Sendable, Hashable {
        case text(String)
        case label(String, Trim? = nil)
        case annotation(String, Trim? = nil)
    }

    /// What is taken off a value.
    enum Trim: Sendable, Hashable {
        /// A number in parentheses at the end, by which a system tells the tries of one job apart.
        case untried
        /// A label's value and a hyphen at the beginning.
        case after(label: String)

        /// What is left of `value`; all of it where there is nothing to take off.
        func apply(to value: String, _ metadata: Pod.Metadata) -> String {
            switch self {
            case .untried:
                guard value.hasSuffix(")"), let open = value.lastIndex(of: "("),
                    open > value.startIndex
                else { return value }
                let number = value[value.index(after: open)...].dropLast()
                let isNumber = !number.isEmpty && number.allSatisfy { ("0"..."9").contains($0) }
                return isNumber ? String(value[..<open]) : value
            case .after(let label):
                guard let beginning = metadata.labels[label], !beginning.isEmpty,
                    value.hasPrefix(beginning + "-"), value.count > beginning.count + 1
                else { return value }
                return String(value.dropFirst(beginning.count + 1))
            }
        }
    }

    let parts: [Part]
    /// The template as it was written.
    package let source: String

    /// Why a template's text was refused.
    package struct ParseError: Error, CustomStringConvertible {
        /// The reason, as a sentence.
        package let description: String
    }

    /// Reads a template.
    ///
    /// - Throws: ``ParseError`` for an unclosed brace, an unknown placeholder, or a text without
    ///   any placeholder, which would give every Pod the same name.
    package init(_ source: String) throws(ParseError) {
        var parts: [Part] = []
        var rest = source[...]
        while let open = rest.firstIndex(of: "{") {
            if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
            guard let close = rest[open...].firstIndex(of: "}") else {
                throw ParseError(description: "“\(source)” has a { without a }")
            }
            let inside = rest[rest.index(after: open)..<close]
            parts.append(try Self.placeholder(inside, in: source))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        let isFixed = parts.allSatisfy { part in
            if case .text = part { true } else { false }
        }
        if isFixed {
            throw ParseError(
                description: "“\(source)” has no placeholder like {label:KEY} or {annotation:KEY}")
        }
        self.parts = parts
        self.source = source
    }

    /// A single label's value.
    static func label(_ key: String, _ trim: Trim? = nil) -> KeyTemplate {
        KeyTemplate(parts: [.label(key, trim)], source: "{label:\(key)}")
    }

    /// A single annotation's value.
    static func annotation(_ key: String, _ trim: Trim? = nil) -> KeyTemplate {
        KeyTemplate(parts: [.annotation(key, trim)], source: "{annotation:\(key)}")
    }

    /// Several labels' values with dots between them.
    static func labels(_ keys: String...) -> KeyTemplate {
        joined(keys.map { label($0) })
    }

    /// Several annotations' values with dots between them.
    static func annotations(_ keys: String...) -> KeyTemplate {
        joined(keys.map { annotation($0) })
    }

    private static func joined(_ templates: [KeyTemplate]) -> KeyTemplate {
        KeyTemplate(
            parts: Array(templates.map(\.parts).joined(separator: [.text(".")])),
            source: templates.map(\.source).joined(separator: "."))
    }

    private init(parts: [Part], source: String) {
        self.parts = parts
        self.source = source
    }

    private static func placeholder(
        _ text: Substring, in source: String
    ) throws(ParseError) -> Part {
        let bar = text.firstIndex(of: "|") ?? text.endIndex
        let trim = bar == text.endIndex ? nil : try trim(text[bar...].dropFirst(), in: source)
        let plain = text[..<bar]
        if let key = behind("label:", plain) { return .label(key, trim) }
        if let key = behind("annotation:", plain) { return .annotation(key, trim) }
        throw ParseError(
            description: "“{\(text)}” in “\(source)” is not {label:KEY} or {annotation:KEY}")
    }

    private static func trim(
        _ text: Substring, in source: String
    ) throws(ParseError) -> Trim {
        if text == "untried" { return .untried }
        if let label = behind("after:", text) { return .after(label: label) }
        throw ParseError(
            description: "“|\(text)” in “\(source)” is not |untried or |after:LABEL")
    }

    /// What follows `prefix` in `text`; `nil` where nothing does.
    private static func behind(_ prefix: String, _ text: Substring) -> String? {
        guard text.hasPrefix(prefix), text.count > prefix.count else { return nil }
        return String(text.dropFirst(prefix.count))
    }

    /// The name that the template gives to a Pod; `nil` when a placeholder has no value.
    func name(of metadata: Pod.Metadata) -> String? {
        var name = ""
        for part in parts {
            switch part {
            case .text(let text): name += text
            case .label(let key, let trim):
                guard let value = Self.value(metadata.labels[key], trim, metadata) else {
                    return nil
                }
                name += value
            case .annotation(let key, let trim):
                guard let value = Self.value(metadata.annotations[key], trim, metadata) else {
                    return nil
                }
                name += value
            }
        }
        return KeyName.of(name)
    }

    private static func value(
        _ value: String?, _ trim: Trim?, _ metadata: Pod.Metadata
    ) -> String? {
        guard let value, KeyName.of(value) != nil else { return nil }
        return trim?.apply(to: value, metadata) ?? value
    }
}
