/// A frame as a test sees it.
struct TestFrame: Equatable {
    var opcode: UInt8
    var payload: [UInt8]
    var isFinal = true

    var text: String { String(decoding: payload, as: UTF8.self) }
    /// Of a close frame.
    var code: Int { payload.count < 2 ? 0 : Int(payload[0]) << 8 | Int(payload[1]) }
    var reason: String { String(decoding: payload.dropFirst(2), as: UTF8.self) }
}

extension TestClient {
    /// Opens a WebSocket and returns the server's answer.
    @discardableResult
    func upgrade(_ target: String = "/", subprotocols: String? = nil) throws -> TestResponse {
        let offer = subprotocols.map { "Sec-WebSocket-Protocol: \($0)\r\n" } ?? ""
        try request(
            "GET", target,
            "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\(offer)")
        let response = try readHead()
        return response
    }

    static func frame(
        _ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, isMasked: Bool = true
    ) -> [UInt8] {
        var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        let mask: UInt8 = isMasked ? 0x80 : 0
        switch payload.count {
        case ..<126: bytes.append(mask | UInt8(payload.count))
        case ..<65_536:
            bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            bytes.append(mask | 127)
            bytes += (0..<8).map { UInt8(payload.count >> (56 - 8 * $0) & 0xFF) }
        }
        guard isMasked else { return bytes + payload }
        let key: [UInt8] = [0x11, 0x22, 0x33, 0x44]
        return bytes + key + payload.enumerated().map { $0.element ^ key[$0.offset & 3] }
    }

    func sendFrame(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) throws {
        try send(Self.frame(opcode, payload, isFinal: isFinal))
    }

    func readFrame() throws -> TestFrame {
        let head = try read(2)
        guard head[1] & 0x80 == 0 else { throw Failure.malformed("a masked frame") }
        var length = Int(head[1])
        if length == 126 { length = try read(2).reduce(0) { $0 << 8 | Int($1) } }
        if length == 127 { length = try read(8).reduce(0) { $0 << 8 | Int($1) } }
        return TestFrame(
            opcode: head[0] & 0x0F, payload: try read(length), isFinal: head[0] & 0x80 != 0)
    }
}
