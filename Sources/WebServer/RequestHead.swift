/// A request's head, parsed and checked: RFC 9112 sections 3 to 6.
///
/// What is ambiguous is refused, because two readers of one connection (a proxy and this server)
/// must never see different requests in it.
struct RequestHead: Equatable {
    /// How the body is delimited.
    enum Body: Equatable {
        case none
        case length(Int)
        case chunked
    }

    /// More header fields than this in one request get `431`: browsers send about 20.
    static let maxFields = 128

    let method: String
    let target: String
    /// HTTP/1.1, or a later 1.x; false for HTTP/1.0.
    let isHTTP11: Bool
    let fields: [HeaderField]
    let body: Body

    /// Parses the bytes of a head, from the request line to the empty line, without the latter.
    init(_ bytes: ArraySlice<UInt8>) throws(RequestFailure) {
        var lines = try Self.lines(of: bytes)[...]
        guard let requestLine = lines.popFirst() else {
            throw RequestFailure(400, "the request line is missing")
        }
        let parts = requestLine.split(
            separator: .space, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(\.isTokenCharacter),
            !parts[1].isEmpty, parts[1].allSatisfy({ $0 > .space && $0 < 0x7F })
        else { throw RequestFailure(400, "the request line is malformed") }
        method = String(decoding: parts[0], as: UTF8.self)
        target = String(decoding: parts[1], as: UTF8.self)
        isHTTP11 = try Self.isHTTP11(parts[2])
        guard lines.count <= Self.maxFields else {
            throw RequestFailure(431, "more than \(Self.maxFields) header fields")
        }
        var fields: [HeaderField] = []
        fields.reserveCapacity(lines.count)
        for line in lines {
            fields.append(try Self.field(line))
        }
        self.fields = fields
        body = try Self.body(fields, isHTTP11: isHTTP11)
        let hosts = fields.filter { $0.name.isSameFieldName(as: "Host") }.count
        guard hosts == 1 || (hosts == 0 && !isHTTP11) else {
            throw RequestFailure(400, "exactly one Host header field is required")
        }
    }

    /// Whether the connection may carry another request after this one.
    var keepsAlive: Bool {
        if fields.listContains("Connection", "close") { return false }
        return isHTTP11 || fields.listContains("Connection", "keep-alive")
    }

    /// Whether the client waits for `100 Continue` before it sends the body.
    var expectsContinue: Bool {
        isHTTP11 && body != .none && fields.listContains("Expect", "100-continue")
    }

    /// Whether the client asks for a WebSocket.
    var wantsWebSocket: Bool {
        isHTTP11 && fields.listContains("Upgrade", "websocket")
            && fields.listContains("Connection", "upgrade")
    }

    private static func lines(
        of bytes: ArraySlice<UInt8>
    ) throws(RequestFailure) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var rest = bytes
        while let end = rest.firstIndex(of: .lineFeed) {
            let hasReturn = end > rest.startIndex && rest[end - 1] == .carriageReturn
            // A bare line feed stays in the line, where the checks of its parts refuse it.
            lines.append(hasReturn ? rest[rest.startIndex..<end - 1] : rest[rest.startIndex...end])
            rest = rest[(end + 1)...]
        }
        // Two bare line feeds end a head for some readers, and stand inside a field for others.
        guard rest.isEmpty else {
            throw RequestFailure(400, "the last line of the head does not end in CRLF")
        }
        return lines
    }

    private static func isHTTP11(_ version: ArraySlice<UInt8>) throws(RequestFailure) -> Bool {
        switch String(decoding: version, as: UTF8.self) {
        case "HTTP/1.1": return true
        case "HTTP/1.0": return false
        case let other where other.utf8.count == 8 && other.hasPrefix("HTTP/"):
            throw RequestFailure(505, "only HTTP/1.0 and HTTP/1.1 are served here")
        default: throw RequestFailure(400, "the request line is malformed")
        }
    }

    private static func field(_ line: ArraySlice<UInt8>) throws(RequestFailure) -> HeaderField {
        guard let colon = line.firstIndex(of: .colon), colon > line.startIndex,
            line[..<colon].allSatisfy(\.isTokenCharacter)
        else { throw RequestFailure(400, "a header field has no valid name") }
        let name = String(decoding: line[..<colon], as: UTF8.self)
        let value = line[(colon + 1)...]
        guard value.allSatisfy(\.isFieldValueCharacter) else {
            throw RequestFailure(400, "the header field \(name) has a control character in it")
        }
        let text = String(decoding: value, as: UTF8.self)
        return HeaderField(name, String(text[...].trimmingBlanks()))
    }

    private static func body(
        _ fields: [HeaderField], isHTTP11: Bool
    ) throws(RequestFailure) -> Body {
        let lengths = fields.filter { $0.name.isSameFieldName(as: "Content-Length") }
        let codings = fields.filter { $0.name.isSameFieldName(as: "Transfer-Encoding") }
        if let coding = codings.first {
            guard lengths.isEmpty, isHTTP11 else {
                throw RequestFailure(400, "Transfer-Encoding contradicts the rest of the request")
            }
            // Not read as a list: whoever is in front may take an empty element for no coding.
            guard codings.count == 1, coding.value.isSameFieldName(as: "chunked") else {
                throw RequestFailure(501, "chunked is the only transfer coding served here")
            }
            return .chunked
        }
        guard let first = lengths.first?.value else { return .none }
        guard lengths.allSatisfy({ $0.value == first }), !first.isEmpty,
            first.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { throw RequestFailure(400, "Content-Length must be one decimal number") }
        guard let length = Int(first) else {
            throw RequestFailure(413, "the body is longer than any limit")
        }
        return length == 0 ? .none : .length(length)
    }
}
