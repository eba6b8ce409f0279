/// Names one request and its response on an HTTP/2 connection: RFC 9113 section 5.1.1.
struct HTTP2StreamID: Hashable, Sendable {
    let raw: Int32

    init(_ raw: Int32) {
        self.raw = raw
    }
}

/// Why a stream or a connection ends: RFC 9113 section 7, as far as this server says it.
enum HTTP2ErrorCode: UInt32 {
    /// The response is complete; what is left of the request is of no use.
    case none = 0x0
    /// The client breaks the protocol.
    case protocolError = 0x1
    /// The response cannot be completed: curl ends with 92.
    case internalError = 0x2
    /// Nothing was done with the request; the client may send it again.
    case refusedStream = 0x7
    /// The client does not read the response.
    case cancel = 0x8
    /// The client asks for more than is good for the others.
    case enhanceYourCalm = 0xB
}
