import Testing

/// An HTTP/2 client that writes its frames by hand, well or badly.
///
/// It compresses nothing: each field of a request is a literal without a name from the table.
struct HTTP2TestClient {
    struct Frame: Equatable {
        var type: UInt8
        var flags: UInt8
        var stream: UInt32
        var payload: [UInt8]

        /// The error code of RST_STREAM or GOAWAY.
        var code: UInt32? {
            switch type {
            case 3: Self.number(payload)
            case 7: Self.number(payload.dropFirst(4))
            default: nil
            }
        }

        private static func number(_ bytes: some Sequence<UInt8>) -> UInt32 {
            bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        }
    }

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    let client: TestClient

    /// Connects, says hello, and takes the server's settings.
    init(port: Int, settings: [UInt8] = []) throws {
        client = try TestClient(port: port)
        try client.send(Self.preface)
        try send(4, 0, 0, settings)
        #expect(try next().type == 4)
        try send(4, 1, 0)
    }

    func send(
        _ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8] = []
    ) throws {
        try client.send(Self.frame(type, flags, stream, payload))
    }

    static func frame(
        _ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8] = []
    ) -> [UInt8] {
        number(UInt32(payload.count)).dropFirst() + [type, flags] + number(stream) + payload
    }

    static func number(_ value: UInt32) -> [UInt8] {
        [
            UInt8(value >> 24), UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF),
            UInt8(value & 0xFF),
        ]
    }

    /// A header block; names and values have fewer than 127 bytes.
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in fields {
            bytes += [0, UInt8(name.utf8.count)]
            bytes += name.utf8
            bytes.append(UInt8(value.utf8.count))
            bytes += value.utf8
        }
        return bytes
    }

    static func head(_ path: String, method: String = "GET") -> [UInt8] {
        block([
            (":method", method), (":scheme", "http"), (":path", path), (":authority", "test"),
        ])
    }

    /// Sends a request without a body.
    func get(_ path: String, _ stream: UInt32) throws {
        try send(1, 0x5, stream, Self.head(path))
    }

    /// Lets the server send more: on one stream, or on the connection.
    func grant(_ bytes: UInt32, _ stream: UInt32) throws {
        try send(8, 0, stream, Self.number(bytes))
    }

    /// The next frame.
    func next() throws -> Frame {
        let header = try client.read(9)
        let length = header[..<3].reduce(0) { $0 << 8 | Int($1) }
        let stream = header[5...].reduce(0) { $0 << 8 | UInt32($1) }
        return Frame(
            type: header[3], flags: header[4], stream: stream, payload: try client.read(length))
    }

    /// The next frame that is no answer to SETTINGS and no WINDOW_UPDATE.
    func nextOfStream() throws -> Frame {
        while true {
            let frame = try next()
            if frame.type != 4, frame.type != 8 { return frame }
        }
    }

    /// Reads to the end of the connection: the code of the last GOAWAY, nil where none came.
    func readToGoodbye() -> UInt32? {
        var code: UInt32?
        while let frame = try? next() {
            if frame.type == 7 { code = frame.code }
        }
        return code
    }
}
