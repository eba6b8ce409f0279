/// A response head and the body that follows it.
///
/// Dropping the body cancels the transfer.
package struct HTTPResponse: Sendable {
    /// The final status: never 1xx, and with ``HTTPRequest/followRedirects`` that of the last hop.
    package let status: Int
    /// All header fields in the order received. Trailers are not among them.
    package let fields: [HTTPField]
    /// The body, empty for 204, 304 and HEAD.
    package let body: HTTPBody
    /// "1.0", "1.1" or "2".
    package let httpVersion: String

    init(head: ResponseHead, body: HTTPBody) {
        status = head.status
        fields = head.fields
        httpVersion = head.httpVersion
        self.body = body
    }

    /// The value of the first field of that name, whatever its case.
    package func field(_ name: String) -> String? {
        let wanted = name.utf8.map(asciiLowercased)
        return fields.first { $0.name.utf8.map(asciiLowercased) == wanted }?.value
    }
}

private func asciiLowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
