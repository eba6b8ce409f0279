import CZlib

/// Unpacks a client's compressed message, up to a limit of bytes: RFC 7692 section 7.2.2.
///
/// Clients keep no window from message to message, so nothing is held between them.
enum MessageInflater {
    private static let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]
    private static let step = 16 << 10

    /// The content of `packed`.
    ///
    /// - Throws: 1009 as soon as it has more than `limit` bytes, however small it is packed; 1007
    ///   where it cannot be unpacked.
    static func inflate(
        _ packed: [UInt8], limit: Int
    ) throws(WebSocketReader.Failure) -> [UInt8] {
        // zlib checks that its structure stays where it is.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        defer { unsafe stream.deallocate() }
        guard unsafe podwire_inflate_init(stream) == Z_OK else {
            throw WebSocketReader.Failure(code: 1011, reason: "out of memory")
        }
        defer { _ = unsafe inflateEnd(stream) }  // Fails only for a stream that is none.
        var input = packed + tail
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: step)
        let failure: WebSocketReader.Failure? = unsafe input.withUnsafeMutableBufferPointer {
            input -> WebSocketReader.Failure? in
            unsafe stream.pointee.next_in = input.baseAddress
            unsafe stream.pointee.avail_in = UInt32(input.count)
            while true {
                let status = unsafe buffer.withUnsafeMutableBufferPointer { target in
                    unsafe stream.pointee.next_out = target.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(target.count)
                    return unsafe CZlib.inflate(stream, Z_SYNC_FLUSH)
                }
                let written = step - Int(unsafe stream.pointee.avail_out)
                output.append(contentsOf: buffer[..<written])
                if output.count > limit {
                    return WebSocketReader.Failure(
                        code: 1009, reason: "a message may have \(limit) bytes")
                }
                switch status {
                case Z_OK where unsafe stream.pointee.avail_out == 0: continue
                // All of it is read, and has no more to give.
                case Z_OK, Z_BUF_ERROR:
                    return unsafe stream.pointee.avail_in == 0 ? nil : Self.broken
                // A last block, behind which at most an empty one is left: RFC 7692 section 7.2.3.4.
                case Z_STREAM_END:
                    return unsafe stream.pointee.avail_in <= tail.count + 1 ? nil : Self.broken
                default: return Self.broken
                }
            }
        }
        if let failure { throw failure }
        return output
    }

    private static let broken = WebSocketReader.Failure(
        code: 1007, reason: "a compressed message cannot be unpacked")
}
