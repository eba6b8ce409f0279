import CWebSockets

/// The opening handshake of RFC 6455 section 4.2.
enum WebSocketHandshake {
    private static let suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// Checks a request that asks for a WebSocket and returns the `Sec-WebSocket-Accept` for it.
    static func accept(_ head: RequestHead) throws(RequestFailure) -> String {
        guard head.method == "GET", head.body == .none else {
            throw RequestFailure(400, "a WebSocket is opened with GET and without a body")
        }
        guard head.fields.first("Sec-WebSocket-Version") == "13" else {
            throw RequestFailure(426, "only version 13 of WebSocket is served here")
        }
        guard let key = head.fields.first("Sec-WebSocket-Key"), key.utf8.count == 24,
            key.hasSuffix("==")
        else {
            throw RequestFailure(400, "Sec-WebSocket-Key must be 16 bytes in base64")
        }
        return try accept(key: key)
    }

    /// The answer to a client's key: base64 of the SHA-1 of the key and a fixed text.
    static func accept(key: String) throws(RequestFailure) -> String {
        let text = Array((key + suffix).utf8)
        var digest = [UInt8](repeating: 0, count: 20)
        _ = unsafe lws_SHA1(text, text.count, &digest)  // Returns the digest's own address.
        var encoded = [CChar](repeating: 0, count: 32)
        let count = unsafe digest.withUnsafeBytes { digest in
            unsafe lws_b64_encode_string(
                digest.bindMemory(to: CChar.self).baseAddress, 20, &encoded, 32)
        }
        guard count == 28 else {
            throw RequestFailure(500, "the WebSocket key could not be answered")
        }
        return String(decoding: encoded.prefix(28).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
