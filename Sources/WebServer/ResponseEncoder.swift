/// Writes response heads: RFC 9112 section 4.
struct ResponseEncoder {
    /// How the client learns where the body ends.
    enum Framing: Equatable {
        /// No body, and nothing said of one (1xx, 204, 304).
        case none
        case length(Int)
        case chunked
        /// With the connection: for HTTP/1.0 clients.
        case untilClose
    }

    private static let owned = ["connection", "content-length", "date", "transfer-encoding"]

    /// Encodes a head, with the empty line behind it.
    static func encode(
        _ head: ResponseHead, framing: Framing, keepsAlive: Bool, isHTTP11: Bool, date: String
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        bytes.append(contentsOf: "HTTP/1.1 \(head.status) \(StatusText.of(head.status))\r\n".utf8)
        bytes.append(contentsOf: "Date: \(date)\r\n".utf8)
        for field in head.fields where !isOwned(field.name) {
            append(field, to: &bytes)
        }
        switch framing {
        case .none, .untilClose: break
        case .length(let length): bytes.append(contentsOf: "Content-Length: \(length)\r\n".utf8)
        case .chunked: bytes.append(contentsOf: "Transfer-Encoding: chunked\r\n".utf8)
        }
        if !keepsAlive {
            bytes.append(contentsOf: "Connection: close\r\n".utf8)
        } else if !isHTTP11 {
            bytes.append(contentsOf: "Connection: keep-alive\r\n".utf8)
        }
        bytes.append(contentsOf: "\r\n".utf8)
        return bytes
    }

    /// Encodes the answer that opens a WebSocket: RFC 6455 section 4.2.2.
    static func encodeUpgrade(
        accept: String, subprotocol: String?, extensions: String? = nil
    ) -> [UInt8] {
        var bytes = Array("HTTP/1.1 101 Switching Protocols\r\n".utf8)
        append(HeaderField("Upgrade", "websocket"), to: &bytes)
        append(HeaderField("Connection", "Upgrade"), to: &bytes)
        append(HeaderField("Sec-WebSocket-Accept", accept), to: &bytes)
        if let subprotocol {
            append(HeaderField("Sec-WebSocket-Protocol", subprotocol), to: &bytes)
        }
        if let extensions {
            append(HeaderField("Sec-WebSocket-Extensions", extensions), to: &bytes)
        }
        bytes.append(contentsOf: "\r\n".utf8)
        return bytes
    }

    /// A status whose response never has a body.
    static func isBodiless(_ status: Int) -> Bool {
        status < 200 || status == 204 || status == 304
    }

    private static func isOwned(_ name: String) -> Bool {
        owned.contains { $0.isSameFieldName(as: name) }
    }

    private static func append(_ field: HeaderField, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: field.name.utf8.filter(\.isTokenCharacter))
        bytes.append(.colon)
        bytes.append(.space)
        bytes.append(
            contentsOf: field.value.utf8.lazy.map { $0.isFieldValueCharacter ? $0 : .space })
        bytes.append(.carriageReturn)
        bytes.append(.lineFeed)
    }
}
