import ByteBlocks

/// The body of the response that a connection is sending.
final class OutgoingBody {
    enum Content {
        /// The bytes, from `sent` on.
        case whole([UInt8], AnswerLease? = nil)
        case chunked(any BodySource)
        /// The bytes left.
        case sized(any BodySource, left: Int)
        case untilClose(any BodySource)
    }

    /// Bytes of a whole body that go out in one write: what is copied when the socket is full.
    static let sliceBytes = 64 << 10

    var content: Content
    /// How much of a whole body is sent.
    var sent = 0
    /// The source has nothing, and will wake the connection.
    var isWaiting = false
    private var isClosed = false

    init(_ content: Content) {
        self.content = content
    }

    var isWhole: Bool {
        if case .whole = content { true } else { false }
    }

    /// Whether a client can tell a cut from the end.
    var isCutVisible: Bool {
        if case .untilClose = content { false } else { true }
    }

    var source: (any BodySource)? {
        switch content {
        case .whole: nil
        case .chunked(let source), .sized(let source, _), .untilClose(let source): source
        }
    }

    /// Tells the source that it is over, once.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        source?.closed()
    }
}

/// The coding of one chunk around a block's payload: RFC 9112 section 7.1.
enum ChunkFraming {
    /// Behind the last chunk.
    static let end = Array("0\r\n\r\n".utf8)
    private static let digits = Array("0123456789abcdef".utf8)

    /// Writes the size line before the payload and the line end behind it, and returns all of it.
    static func frame(_ block: ByteBlock) -> UnsafeRawBufferPointer {
        let payload = unsafe block.framingPointer
        var start = unsafe payload
        func put(_ byte: UInt8) {
            unsafe start -= 1
            unsafe start.storeBytes(of: byte, as: UInt8.self)
        }
        put(.lineFeed)
        put(.carriageReturn)
        var rest = block.count
        repeat {
            put(digits[rest & 0xF])
            rest >>= 4
        } while rest > 0
        unsafe (payload + block.count).storeBytes(of: .carriageReturn, as: UInt8.self)
        unsafe (payload + block.count + 1).storeBytes(of: .lineFeed, as: UInt8.self)
        return unsafe UnsafeRawBufferPointer(
            start: start, count: payload - start + block.count + 2)
    }
}
