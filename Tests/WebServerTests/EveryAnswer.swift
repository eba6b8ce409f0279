import ByteBlocks
import WebServer

/// A handler that answers in every way there is, by the request's path.
enum EveryAnswer {
    /// What is answered whole.
    static let paths = [
        "full", "empty", "long", "none", "missing", "stream", "blocks", "sized", "%zz",
    ]

    static let long = [UInt8]((0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 7) })

    static let handler = TestHandler(answer: { request in
        let head = ResponseHead(status: 200, fields: [HeaderField("X-Kind", request.path)])
        let blocks = [BodyPull.bytes(block("one,")), .bytes(block("")), .bytes(block("two"))]
        switch request.path {
        case "/full": return .full(head, body: Array("full".utf8))
        case "/empty": return .full(head, body: [])
        case "/long": return .full(head, body: long)
        case "/none": return .full(ResponseHead(status: 204), body: [])
        case "/missing": return .full(ResponseHead(status: 404), body: Array("no".utf8))
        case "/stream": return .stream(head, source: TestSource(blocks + [.end]))
        case "/blocks":
            return .stream(
                head, source: TestSource([.bytes(ByteBlock(long)), .bytes(block("!")), .end]))
        case "/sized": return .sized(head, length: 7, source: TestSource(blocks + [.end]))
        case "/short": return .sized(head, length: 9, source: TestSource(blocks + [.end]))
        case "/long-sized": return .sized(head, length: 5, source: TestSource(blocks + [.end]))
        case "/abort": return .stream(head, source: TestSource(blocks + [.abort]))
        case "/abort-at-once": return .stream(head, source: TestSource([.abort]))
        case "/echo": return .full(head, body: request.body)
        default: return .full(ResponseHead(status: 500), body: [])
        }
    })
}
