import WebServer

/// A validator of a body, as in `ETag`: RFC 9110 section 8.8.3.
struct EntityTag: Equatable, CustomStringConvertible {
    /// What is between the quotes.
    let opaque: String
    /// Whether bodies with this tag may differ in their bytes, though not in what they mean.
    var isWeak = false

    /// As it is sent.
    var description: String { "\(isWeak ? "W/" : "")\"\(opaque)\"" }

    /// The tag of the same body, packed: weak, because what it is packed into may differ.
    func of(_ coding: ContentCoding) -> EntityTag {
        coding == .identity ? self : EntityTag("\(opaque);\(coding.rawValue)", isWeak: true)
    }

    /// Whether the client has this very body: `If-None-Match`, compared weakly.
    func isKnown(to request: ServerRequest) -> Bool {
        matches(request, "If-None-Match") { $0.opaque == opaque } ?? false
    }

    /// Whether the client wants this body or none: `If-Match`, compared strongly.
    func isWanted(by request: ServerRequest) -> Bool {
        matches(request, "If-Match") { $0 == self && !isWeak } ?? true
    }

    /// Whether a part goes with what the client has: `If-Range`. A date never does, because our
    /// bodies have none.
    func allowsRange(of request: ServerRequest) -> Bool {
        guard let field = request.header("If-Range") else { return true }
        return !isWeak && field == description
    }

    /// Whether one of a field's tags passes; `nil` without the field.
    private func matches(
        _ request: ServerRequest, _ field: String, _ passes: (EntityTag) -> Bool
    ) -> Bool? {
        let elements = request.fields.quotedList(field)
        guard !elements.isEmpty else { return nil }
        return elements.contains { $0 == "*" || EntityTag(parsing: $0).map(passes) ?? false }
    }

    private init?(parsing text: String) {
        var text = text[...]
        isWeak = text.hasPrefix("W/")
        if isWeak { text = text.dropFirst(2) }
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return nil }
        opaque = String(text.dropFirst().dropLast())
    }

    init(_ opaque: String, isWeak: Bool = false) {
        self.opaque = opaque
        self.isWeak = isWeak
    }
}
