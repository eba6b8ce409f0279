/// A frame as a test sees it.
enum RawFrame: Sendable, Equatable {
    case text(String)
    case binary([UInt8])
    case close(Int, String)
    case other(UInt8)
}

extension RawClient {
    /// Asks for a WebSocket and reads the answer.
    func upgrade(
        _ target: String, subprotocol: String? = nil, fields: [String] = []
    ) async throws -> RawResponse {
        let offer = subprotocol.map { ["Sec-WebSocket-Protocol: \($0)"] } ?? []
        try request(
            target,
            fields: [
                "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            ] + offer + fields)
        var response = try await readHead()
        if response.status != 101 { response.body = try await readBody(of: response) }
        return response
    }

    func readFrame() async throws -> RawFrame {
        let head = try await read(2)
        var length = Int(head[1])
        if length == 126 { length = try await read(2).reduce(0) { $0 << 8 | Int($1) } }
        if length == 127 { length = try await read(8).reduce(0) { $0 << 8 | Int($1) } }
        let payload = try await read(length)
        switch head[0] {
        case 0x81:
            guard let text = String(validating: payload, as: UTF8.self) else {
                throw Failure.malformed("a text frame that is not UTF-8")
            }
            return .text(text)
        case 0x82: return .binary(payload)
        case 0x88 where payload.count >= 2:
            return .close(
                Int(payload[0]) << 8 | Int(payload[1]),
                String(decoding: payload.dropFirst(2), as: UTF8.self))
        default: return .other(head[0])
        }
    }

    /// Every frame up to the close frame, which is the last.
    func readFrames() async throws -> [RawFrame] {
        var frames: [RawFrame] = []
        while true {
            let frame = try await readFrame()
            frames.append(frame)
            if case .close = frame { return frames }
        }
    }
}
