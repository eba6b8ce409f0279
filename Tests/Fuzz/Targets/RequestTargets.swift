import LogModel
import WebServer

@testable import Access
@testable import Gateway
@testable import WebServer

// What a client sends before and as a request's body.
extension FuzzTarget {
    /// A request's head, up to the empty line that ends it.
    static let requestHead = FuzzTarget(
        name: "request-head",
        promise: "what is accepted has one meaning, and written out it is read the same"
    ) { bytes in
        guard let head = try? RequestHead(bytes[...]) else { return }
        claim(head.fields.count <= RequestHead.maxFields, "too many fields")
        for field in head.fields {
            let isClean = (field.name + field.value).utf8.allSatisfy {
                $0 != 0 && $0 != .carriageReturn && $0 != .lineFeed
            }
            claim(isClean, "a control character in \(field)")
        }
        let lengths = head.fields.filter { $0.name.isSameFieldName(as: "Content-Length") }
        let codings = head.fields.filter { $0.name.isSameFieldName(as: "Transfer-Encoding") }
        switch head.body {
        case .chunked: claim(lengths.isEmpty && codings.count == 1, "two framings of one body")
        case .length(let length):
            claim(codings.isEmpty, "two framings of one body")
            claim(lengths.allSatisfy { Int($0.value) == length }, "lengths that differ")
        case .none:
            claim(codings.isEmpty, "a coding and no body")
            claim(lengths.allSatisfy { Int($0.value) == 0 }, "a length and no body")
        }
        var text = "\(head.method) \(head.target) HTTP/1.\(head.isHTTP11 ? 1 : 0)\r\n"
        for field in head.fields { text += "\(field.name): \(field.value)\r\n" }
        claim((try? RequestHead(Array(text.utf8)[...])) == head, "read otherwise: \(text)")
        _ = head.keepsAlive
        _ = head.expectsContinue
        if head.wantsWebSocket, let accept = try? WebSocketHandshake.accept(head) {
            claim(accept.utf8.count == 28, "an answer of another length: \(accept)")
        }
        guard
            let request = try? ServerRequest(
                method: head.method, target: head.target, fields: head.fields)
        else { return }
        _ = RequestGuard().refusal(of: request)
        _ = RequestGuard().refusal(ofUpgrade: request)
        if case .token(let token)? = try? Credentials(request) {
            claim((1...BearerToken.limit).contains(token.text.utf8.count), "a long token")
            claim(token.text.utf8.allSatisfy { $0 > .space && $0 < 0x7F }, "no token")
        }
        _ = EventStream.isAccepted(by: request)
        _ = EventStream.lastEventID(of: request)
    }

    /// A request's target: its path, its query, and the parameters in it.
    static let requestTarget = FuzzTarget(
        name: "request-target",
        promise: "no segment leads elsewhere, and written out a target is read the same"
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        guard let target = try? RequestTarget(text) else { return }
        for segment in target.segments {
            let leads = segment == "." || segment == ".." || segment.isEmpty
            claim(!leads && !segment.utf8.contains { $0 == 0 || $0 == .slash }, "\(segment)")
        }
        var again = target.segments.reduce(into: "") { $0 += "/" + escaped($1) }
        if again.isEmpty { again = "/" }
        again += "?"
        for item in target.query {
            again += escaped(item.name) + (item.value.map { "=" + escaped($0) } ?? "") + "&"
        }
        let read = try? RequestTarget(again)
        claim(read?.segments == target.segments, "other segments from \(again)")
        // An item with neither name nor value has no written form.
        let items = target.query.filter { $0 != QueryItem("", nil) }
        claim(read?.query == items, "another query from \(again)")
        let route = Route(target.segments)
        claim(!route.methods.isEmpty, "a path without a method")
        readParameters(QueryParameters(target.query))
    }

    /// A request's body in chunked coding.
    static let requestBody = FuzzTarget(
        name: "request-body",
        promise: "the result does not depend on how it arrives, and is never over the limit"
    ) { bytes in
        let limit = 4_096
        let whole = read(Pieces(bytes), limit: limit, isOnePiece: true)
        for round in 0..<2 {
            let cut = read(Pieces(bytes, round: UInt64(round)), limit: limit, isOnePiece: false)
            claim(cut == whole, "whole \(whole), cut \(cut)")
        }
        if case .complete(let body, _) = whole { claim(body.count <= limit, "over the limit") }
        var coded: [UInt8] = []
        for piece in Pieces(Array(bytes.prefix(limit))) {
            coded += Array(String(piece.count, radix: 16).utf8) + [13, 10] + piece + [13, 10]
        }
        coded += Array("0\r\n\r\n".utf8)
        let back = read(Pieces(coded), limit: limit, isOnePiece: false)
        claim(back == .complete(Array(bytes.prefix(limit)), left: 0), "another body: \(back)")
    }
}

/// What came of a body.
private enum BodyResult: Equatable {
    case complete([UInt8], left: Int)
    case failed(RequestFailure)
    case unfinished
}

/// Reads a body as a connection does: what is not taken is offered again with what comes next.
private func read(_ pieces: Pieces, limit: Int, isOnePiece: Bool) -> BodyResult {
    var buffer: [UInt8] = []
    do throws(RequestFailure) {
        var reader = try RequestBodyReader(.chunked, limit: limit)
        let pieces = isOnePiece ? [pieces.flatMap { $0 }] : Array(pieces)
        for (index, piece) in pieces.enumerated() {
            buffer += piece
            buffer.removeFirst(try reader.consume(buffer[...]))
            if reader.isComplete {
                let left = buffer.count + pieces[(index + 1)...].reduce(0) { $0 + $1.count }
                return .complete(reader.body, left: left)
            }
        }
        return .unfinished
    } catch {
        return .failed(error)
    }
}

/// Every byte but letters and digits as an escape.
private func escaped(_ text: String) -> String {
    text.utf8.reduce(into: "") { escaped, byte in
        let isPlain =
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte)
        let digits = String(byte, radix: 16)
        escaped += isPlain ? String(UnicodeScalar(byte)) : (byte < 16 ? "%0" : "%") + digits
    }
}

/// Reads a query as each endpoint does; refusals become `Status` objects.
private func readParameters(_ query: QueryParameters) {
    do throws(StatusResponse) {
        let parameters = try LogParameters(query, pod: "p")
        _ = parameters.sinceTime(now: .now)
        claim(parameters.tailLines ?? 0 >= 0 && parameters.limitBytes ?? 1 > 0, "\(parameters)")
        claim(parameters.from ?? 0 >= 0, "\(parameters)")
    } catch {
        claim((400..<500).contains(error.code), "\(error)")
        claim(!error.headAndBody.body.isEmpty, "a refusal without words")
    }
    do throws(StatusResponse) {
        let parameters = try EventParameters(query, lastEventID: nil, alwaysFollow: false)
        let start = try parameters.start(oldest: 5, last: 9)
        claim((4...9).contains(start), "starts at \(start)")
    } catch {
        claim((400..<500).contains(error.code), "\(error)")
        claim(!error.headAndBody.body.isEmpty, "a refusal without words")
    }
}
