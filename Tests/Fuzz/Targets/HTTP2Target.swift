@testable import WebServer

// What a client sends on an HTTP/2 connection.
extension FuzzTarget {
    /// A client's frames, behind the preface.
    static let http2 = FuzzTarget(
        name: "http2",
        promise: "the requests do not depend on how the bytes arrive; all of them are in bounds"
    ) { bytes in
        let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
        let whole = HTTP2Reading([preface + bytes], answers: false)
        let cut = HTTP2Reading([preface] + Array(Pieces(bytes)), answers: false)
        claim(whole.requests == cut.requests, "\(whole.requests), cut \(cut.requests)")
        claim(whole.hasFailed == cut.hasFailed, "one of two readings failed")
        _ = HTTP2Reading([preface] + Array(Pieces(bytes, round: 1)), answers: true)
    }
}

/// What a session made of some bytes.
private final class HTTP2Reading: HTTP2SessionDelegate {
    private static let limit = 4_096

    private(set) var requests: [String] = []
    private(set) var hasFailed = false
    private var heads: [HTTP2StreamID: HTTP2RequestHead] = [:]
    private var open: Set<HTTP2StreamID> = []
    private var unanswered: [HTTP2StreamID] = []

    /// Reads `pieces`, and answers the requests in them where it is told to.
    init(_ pieces: [[UInt8]], answers: Bool) {
        guard let session = HTTP2Session(self, maxStreams: 8, maxHeaderBytes: Self.limit) else {
            claim(false, "there is no session")
            return
        }
        do throws(HTTP2Session.Failure) {
            for piece in pieces where session.isAlive {
                try session.receive(piece[...])
                for stream in answers ? unanswered : [] where open.contains(stream) {
                    let head = ResponseHead(status: 200)
                    session.respond(
                        stream, HTTP2FieldBlock(head, length: nil, date: "now"), hasBody: true)
                }
                unanswered = []
                if answers {
                    while !(try session.output()).isEmpty {}
                }
            }
        } catch {
            hasFailed = true
        }
        claim(open.count <= 9, "\(open.count) streams are open")
    }

    func received(_ frame: HTTP2FrameKind) -> Bool { true }

    func began(_ stream: HTTP2StreamID) {
        open.insert(stream)
        heads[stream] = HTTP2RequestHead()
    }

    func received(
        name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>, _ stream: HTTP2StreamID
    ) {
        heads[stream]?.append(name: name, value: value, limit: Self.limit)
    }

    func receivedHead(_ stream: HTTP2StreamID) {
        guard let head = heads[stream] else { return }
        claim(head.fields.count <= RequestHead.maxFields, "too many fields")
        _ = head.contentLength
        do throws(RequestFailure) {
            let request = try head.request(body: [], remoteAddress: "::1", isSecure: true)
            claim(request.fields.first?.name == "Host", "no host: \(request)")
            requests.append("\(stream.raw) \(request)")
        } catch {
            requests.append("\(stream.raw) \(error)")
        }
    }

    func received(body: UnsafeRawBufferPointer, _ stream: HTTP2StreamID) {
        claim(open.contains(stream), "a body without a request")
    }

    func receivedEnd(_ stream: HTTP2StreamID) {
        requests.append("\(stream.raw) is whole")
        unanswered.append(stream)
    }

    func fill(
        _ buffer: UnsafeMutableRawBufferPointer, _ stream: HTTP2StreamID
    ) -> HTTP2Body.Filling {
        buffer.copyBytes(from: "hello".utf8.prefix(buffer.count))
        return .end(min(5, buffer.count))
    }

    func sentEnd(_ stream: HTTP2StreamID) {}

    func ended(_ stream: HTTP2StreamID) {
        heads[stream] = nil
        open.remove(stream)
    }
}
