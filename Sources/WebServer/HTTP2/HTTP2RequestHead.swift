/// A request's head as it arrives, field by field: RFC 9113 section 8.3.
///
/// nghttp2 has checked each field, and that the pseudo-fields that must be there are; what is
/// checked here is what HTTP/1.1's parser refuses as well.
struct HTTP2RequestHead {
    private(set) var method = ""
    private(set) var fields: [HeaderField] = []
    /// Why the request is refused, once all of its head is here.
    private(set) var failure: RequestFailure?
    private var path: String?
    private var authority: String?
    private var cookies: [String] = []
    /// Bytes of all fields, also of those that are not kept.
    private(set) var bytes = 0

    /// Bytes that HPACK counts for a field beside its name and value: RFC 7541 section 4.1.
    private static let fieldOverhead = 32

    /// Takes one field. Beyond `limit` bytes nothing is kept any more.
    mutating func append(
        name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>, limit: Int
    ) {
        bytes += name.count + value.count + Self.fieldOverhead
        guard failure == nil else { return }
        guard bytes <= limit else {
            return refuse(431, "the head is longer than \(limit) bytes")
        }
        guard fields.count + cookies.count < RequestHead.maxFields else {
            return refuse(431, "more than \(RequestHead.maxFields) header fields")
        }
        let text = unsafe String(decoding: value, as: UTF8.self)
        switch unsafe String(decoding: name, as: UTF8.self) {
        case ":method":
            method = text
            if unsafe !value.allSatisfy(\.isTokenCharacter) {
                refuse(400, "the method is malformed")
            }
        case ":path":
            path = text
            if unsafe !value.allSatisfy({ $0 > .space && $0 < 0x7F }) {
                refuse(400, "the path is malformed")
            }
        case ":authority": authority = text
        case ":scheme": break
        case let name where name.hasPrefix(":"): break  // None that this server knows.
        // A client may send one field a cookie, for the compression's sake.
        case "cookie": cookies.append(text)
        case let name: fields.append(HeaderField(name, text))
        }
    }

    /// Whether the client waits for `100 Continue` before it sends the body.
    var expectsContinue: Bool { fields.listContains("Expect", "100-continue") }

    /// The length of the body that the client announces.
    var contentLength: Int? { fields.first("Content-Length").flatMap { Int($0) } }

    /// The whole request.
    func request(
        body: [UInt8], remoteAddress: String, isSecure: Bool
    ) throws(RequestFailure) -> ServerRequest {
        if let failure { throw failure }
        guard method != "CONNECT", let path else {
            throw RequestFailure(501, "CONNECT is not served here")
        }
        let hosts = fields.filter { $0.name.isSameFieldName(as: "Host") }.map(\.value)
        guard hosts.count <= 1, authority == nil || hosts.allSatisfy({ $0 == authority }) else {
            throw RequestFailure(400, "the host is named twice, and not alike")
        }
        guard let host = authority ?? hosts.first else {
            throw RequestFailure(400, "the request names no host")
        }
        if fields.first("Expect") != nil, !expectsContinue {
            throw RequestFailure(417, "100-continue is the only expectation served here")
        }
        var all = [HeaderField("Host", host)]
        all += fields.filter { !$0.name.isSameFieldName(as: "Host") }
        if !cookies.isEmpty { all.append(HeaderField("cookie", cookies.joined(separator: "; "))) }
        return try ServerRequest(
            method: method, target: path, fields: all, body: body, remoteAddress: remoteAddress,
            isSecure: isSecure)
    }

    private mutating func refuse(_ status: Int, _ message: String) {
        failure = failure ?? RequestFailure(status, message)
    }
}
