import Kubernetes

/// How a name is put together from a Pod's labels and annotations.
///
/// The text form, as in the settings, is fixed text with placeholders:
///
/// | placeholder | stands for |
/// | --- | --- |
/// | `{label:KEY}` | the value of label `KEY` |
/// | `{annotation:KEY}` | the value of annotation `KEY` |
///
/// A template applies to a Pod only when every placeholder has a value that is not empty.
package struct KeyTemplate: Sendable, Hashable {
    /// One piece of a template.
    enum Part: Sendable, Hashable {
        case text(String)
        case label(String)
        case annotation(String)
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
    static func label(_ key: String) -> KeyTemplate {
        KeyTemplate(parts: [.label(key)], source: "{label:\(key)}")
    }

    /// A single annotation's value.
    static func annotation(_ key: String) -> KeyTemplate {
        KeyTemplate(parts: [.annotation(key)], source: "{annotation:\(key)}")
    }

    /// Several labels' values with dots between them.
    static func labels(_ keys: String...) -> KeyTemplate {
        var parts: [Part] = []
        for key in keys {
            if !parts.isEmpty { parts.append(.text(".")) }
            parts.append(.label(key))
        }
        return KeyTemplate(
            parts: parts, source: keys.map { "{label:\($0)}" }.joined(separator: "."))
    }

    private init(parts: [Part], source: String) {
        self.parts = parts
        self.source = source
    }

    private static func placeholder(
        _ text: Substring, in source: String
    ) throws(ParseError) -> Part {
        for (prefix, make) in [("label:", Part.label), ("annotation:", Part.annotation)] {
            if text.hasPrefix(prefix), text.count > prefix.count {
                return make(String(text.dropFirst(prefix.count)))
            }
        }
        throw ParseError(
            description: "“{\(text)}” in “\(source)” is not {label:KEY} or {annotation:KEY}")
    }

    /// The name that the template gives to a Pod; `nil` when a placeholder has no value.
    func name(of metadata: Pod.Metadata) -> String? {
        var name = ""
        for part in parts {
            switch part {
            case .text(let text): name += text
            case .label(let key):
                guard let value = metadata.labels[key], !value.isEmpty else { return nil }
                name += value
            case .annotation(let key):
                guard let value = metadata.annotations[key], !value.isEmpty else { return nil }
                name += value
            }
        }
        return name
    }
}
