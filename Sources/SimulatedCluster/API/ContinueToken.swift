import Foundation

/// Where a paged list goes on: opaque to clients, Base64 of JSON as the API server's.
struct ContinueToken {
    /// The version that the list's first page showed.
    let version: Int
    /// The last object that was given.
    let after: ObjectKey

    /// A token for the page behind `after`.
    init(version: Int, after: ObjectKey) {
        self.version = version
        self.after = after
    }

    /// Reads what a client sent; `400` for anything that was never given to one.
    init(_ text: String) throws(StatusError) {
        guard let data = Data(base64Encoded: text),
            let value = try? JSONValue(parsing: Array(data)),
            let version = value["rv"]?.int, let start = value["start"]?.string,
            let slash = start.firstIndex(of: "/")
        else { throw .badRequest("continue key is not valid: \(text)") }
        self.init(
            version: version,
            after: ObjectKey(
                String(start[..<slash]), String(start[start.index(after: slash)...])))
    }

    /// The token as clients see it.
    var text: String {
        let value: JSONValue = [
            "v": "meta.k8s.io/v1", "rv": .int(version),
            "start": .string("\(after.namespace)/\(after.name)"),
        ]
        return Data(value.encoded).base64EncodedString()
    }
}
