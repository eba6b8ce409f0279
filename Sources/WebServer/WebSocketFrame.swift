/// The frames that the server sends: RFC 6455 section 5.2. Never masked, never fragmented.
///
/// | byte | bits | what |
/// | --- | --- | --- |
/// | 0 | 0x80 | final fragment: always set |
/// | 0 | 0x40 | the message is compressed (RFC 7692) |
/// | 0 | 0x0F | opcode |
/// | 1 | 0x7F | the length up to 125; 126: two bytes of length follow; 127: eight do |
enum WebSocketFrame {
    enum Opcode: UInt8 {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA

        var isControl: Bool { rawValue >= Opcode.close.rawValue }
    }

    /// The longest payload of a control frame.
    static let maxControlBytes = 125
    /// The longest header that ``writeHeader(_:isDeflated:length:before:)`` writes.
    static let maxHeaderBytes = 10

    /// The header's length for a payload of `length` bytes.
    static func headerBytes(length: Int) -> Int {
        length < 126 ? 2 : length < 65_536 ? 4 : 10
    }

    /// Writes the header so that it ends where `payload` begins, and returns its length.
    static func writeHeader(
        _ opcode: Opcode, isDeflated: Bool = false, length: Int,
        before payload: UnsafeMutableRawPointer
    ) -> Int {
        let count = headerBytes(length: length)
        let header = unsafe payload - count
        let flags: UInt8 = isDeflated ? 0xC0 : 0x80
        unsafe header.storeBytes(of: flags | opcode.rawValue, as: UInt8.self)
        switch count {
        case 2:
            unsafe header.storeBytes(of: UInt8(length), toByteOffset: 1, as: UInt8.self)
        case 4:
            unsafe header.storeBytes(of: 126, toByteOffset: 1, as: UInt8.self)
            unsafe header.storeBytes(
                of: UInt16(length).bigEndian, toByteOffset: 2, as: UInt16.self)
        default:
            unsafe header.storeBytes(of: 127, toByteOffset: 1, as: UInt8.self)
            unsafe header.storeBytes(
                of: UInt64(length).bigEndian, toByteOffset: 2, as: UInt64.self)
        }
        return count
    }

    /// A whole control frame.
    static func control(_ opcode: Opcode, _ payload: some Collection<UInt8>) -> [UInt8] {
        let payload = payload.prefix(maxControlBytes)
        return [0x80 | opcode.rawValue, UInt8(payload.count)] + payload
    }

    /// A whole close frame; the reason is cut to what fits, between two characters.
    static func close(code: UInt16, reason: String) -> [UInt8] {
        var reason = reason[...]
        while reason.utf8.count > maxControlBytes - 2 {
            reason.removeLast()
        }
        return control(.close, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(reason.utf8))
    }
}
