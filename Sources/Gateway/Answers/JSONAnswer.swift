import FoundationEssentials
import WebServer

/// Answers that are one JSON document.
enum JSONAnswer {
    /// The header fields of every such answer: programs and pages see what is, not what was.
    static let fields = [
        HeaderField("Content-Type", "application/json"),
        HeaderField("Cache-Control", "no-store"),
        HeaderField("X-Content-Type-Options", "nosniff"),
    ]

    /// A document with status 200, or 201 for what was made.
    static func ok(_ document: some Encodable, status: Int = 200) -> ServerResponse {
        .full(ResponseHead(status: status, fields: fields), body: encode(document))
    }

    /// The bytes of a document, keys sorted, ending with a newline.
    ///
    /// Our documents hold strings, whole numbers, truth values, lists and dictionaries, which all
    /// have a JSON form: that one of them has none is a mistake of ours.
    static func encode(_ document: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try Array(encoder.encode(document)) + [UInt8(ascii: "\n")]
        } catch {
            preconditionFailure("a document without a JSON form: \(error)")
        }
    }
}
