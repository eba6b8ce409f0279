/// Takes a client's frames out of a connection's bytes and joins fragments: a pure state machine
/// of RFC 6455 sections 5 to 8. After a failure or a close frame nothing more may be read.
struct WebSocketReader {
    /// What a client sent.
    enum Event: Equatable {
        case message(WebSocketMessage)
        case ping([UInt8])
        case pong
        case close(code: UInt16)
    }

    /// A breach of the protocol, and the close code that answers it.
    struct Failure: Error, Equatable {
        let code: UInt16
        let reason: String
    }

    private struct Header {
        let isFinal: Bool
        let isDeflated: Bool
        let opcode: WebSocketFrame.Opcode
        let length: Int
        let mask: ArraySlice<UInt8>
        let bytes: Int
    }

    private struct Partial {
        let opcode: WebSocketFrame.Opcode
        let isDeflated: Bool
        var bytes: [UInt8]
    }

    private let maxMessageBytes: Int
    private let inflates: Bool
    /// The fragments so far and what the first one said; nil between messages.
    private var partial: Partial?

    /// Makes a reader; a longer message than `maxMessageBytes` fails with code 1009. With `inflates`
    /// messages may be compressed, and have their length when unpacked.
    init(maxMessageBytes: Int, inflates: Bool = false) {
        self.maxMessageBytes = maxMessageBytes
        self.inflates = inflates
    }

    /// Reads one frame from the start of `bytes`.
    ///
    /// - Returns: the bytes it took, 0 where the frame is not complete, and what it completed.
    mutating func read(
        _ bytes: ArraySlice<UInt8>
    ) throws(Failure) -> (consumed: Int, event: Event?) {
        guard let header = try header(bytes) else { return (0, nil) }
        let end = bytes.startIndex + header.bytes + header.length
        guard end <= bytes.endIndex else { return (0, nil) }
        var payload = Array(bytes[(bytes.startIndex + header.bytes)..<end])
        let mask = Array(header.mask)
        for index in payload.indices {
            payload[index] ^= mask[index & 3]
        }
        return (end - bytes.startIndex, try event(header, payload))
    }

    private func header(_ bytes: ArraySlice<UInt8>) throws(Failure) -> Header? {
        guard bytes.count >= 2 else { return nil }
        let first = bytes[bytes.startIndex]
        let second = bytes[bytes.startIndex + 1]
        guard let opcode = WebSocketFrame.Opcode(rawValue: first & 0x0F),
            first & 0x30 == 0,
            first & 0x40 == 0 || (inflates && (opcode == .text || opcode == .binary))
        else {
            throw Failure(code: 1002, reason: "unknown opcode or reserved bits")
        }
        guard second & 0x80 != 0 else {
            throw Failure(code: 1002, reason: "frames from a client must be masked")
        }
        let isFinal = first & 0x80 != 0
        let short = Int(second & 0x7F)
        guard !opcode.isControl || (isFinal && short <= WebSocketFrame.maxControlBytes) else {
            throw Failure(code: 1002, reason: "a control frame is fragmented or too long")
        }
        try checkOrder(opcode)
        let extra = short == 126 ? 2 : short == 127 ? 8 : 0
        guard bytes.count >= 2 + extra + 4 else { return nil }
        let lengthBytes = bytes[(bytes.startIndex + 2)..<(bytes.startIndex + 2 + extra)]
        let long = lengthBytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let length = extra == 0 ? UInt64(short) : long
        let joined = opcode.isControl ? 0 : partial?.bytes.count ?? 0
        guard length <= UInt64(maxMessageBytes - joined) || opcode.isControl else {
            throw Failure(code: 1009, reason: "a message may have \(maxMessageBytes) bytes")
        }
        let mask = bytes[(bytes.startIndex + 2 + extra)..<(bytes.startIndex + 6 + extra)]
        return Header(
            isFinal: isFinal, isDeflated: first & 0x40 != 0, opcode: opcode, length: Int(length),
            mask: mask, bytes: 6 + extra)
    }

    private func checkOrder(_ opcode: WebSocketFrame.Opcode) throws(Failure) {
        switch opcode {
        case .continuation where partial == nil:
            throw Failure(code: 1002, reason: "a continuation without a beginning")
        case .text where partial != nil, .binary where partial != nil:
            throw Failure(code: 1002, reason: "a message begins inside another")
        default: return
        }
    }

    private mutating func event(_ header: Header, _ payload: [UInt8]) throws(Failure) -> Event? {
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong
        case .close: return .close(code: try Self.closeCode(payload))
        case .text, .binary:
            let whole = Partial(
                opcode: header.opcode, isDeflated: header.isDeflated, bytes: payload)
            if header.isFinal { return try message(whole) }
            partial = whole
            return nil
        case .continuation:
            guard var joined = partial else { return nil }
            partial = nil  // So that the array has one owner while it grows.
            joined.bytes.append(contentsOf: payload)
            if header.isFinal { return try message(joined) }
            partial = joined
            return nil
        }
    }

    private func message(_ whole: Partial) throws(Failure) -> Event {
        let bytes =
            whole.isDeflated
            ? try MessageInflater.inflate(whole.bytes, limit: maxMessageBytes) : whole.bytes
        guard whole.opcode == .text else { return .message(.binary(bytes)) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(code: 1007, reason: "a text message is not UTF-8")
        }
        return .message(.text(text))
    }

    /// The code to answer a close frame with; 1000 where it has none.
    private static func closeCode(_ payload: [UInt8]) throws(Failure) -> UInt16 {
        if payload.isEmpty { return 1000 }
        guard payload.count >= 2 else {
            throw Failure(code: 1002, reason: "a close frame of one byte")
        }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw Failure(code: 1002, reason: "a close code that must not be sent")
        }
        guard String(validating: payload[2...], as: UTF8.self) != nil else {
            throw Failure(code: 1007, reason: "a close reason is not UTF-8")
        }
        return code
    }
}
