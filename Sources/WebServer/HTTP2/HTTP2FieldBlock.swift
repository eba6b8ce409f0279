import CNGHTTP2

/// A response's head as nghttp2 takes it: all names and values in one run of bytes.
struct HTTP2FieldBlock {
    private var bytes: [UInt8] = []
    private var lengths: [(name: Int, value: Int)] = []

    /// RFC 9113 section 8.2.2: what says something of an HTTP/1.1 connection, and what the server
    /// sets itself.
    private static let owned = [
        "connection", "content-length", "date", "keep-alive", "proxy-connection",
        "transfer-encoding", "upgrade",
    ]

    /// Takes a head; `length` is the body's, where it is known.
    init(_ head: ResponseHead, length: Int?, date: String) {
        bytes.reserveCapacity(256)
        append(":status", "\(head.status)")
        append("date", date)
        for field in head.fields where !Self.isOwned(field.name) {
            append(field.name, field.value)
        }
        if let length { append("content-length", "\(length)") }
    }

    /// An interim answer: `100 Continue`.
    static let goOn = HTTP2FieldBlock(interim: 100)

    private init(interim status: Int) {
        append(":status", "\(status)")
    }

    /// Hands the fields to nghttp2, which copies them.
    func withFields<Result>(
        _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result
    ) -> Result {
        unsafe bytes.withUnsafeBytes { bytes in
            var fields: [nghttp2_nv] = unsafe []
            unsafe fields.reserveCapacity(lengths.count)
            // It takes mutable pointers and reads from them.
            var position = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)?
                .assumingMemoryBound(to: UInt8.self)
            for (name, value) in lengths {
                unsafe fields.append(
                    nghttp2_nv(
                        name: position, value: position.map { unsafe $0 + name }, namelen: name,
                        valuelen: value, flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)))
                unsafe position = unsafe position.map { unsafe $0 + name + value }
            }
            return unsafe body(fields, fields.count)
        }
    }

    private mutating func append(_ name: String, _ value: String) {
        let before = bytes.count
        bytes.append(
            contentsOf: name.utf8.lazy
                .filter { $0.isTokenCharacter || $0 == .colon }.map(\.lowercasedASCII))
        let middle = bytes.count
        bytes.append(contentsOf: value.utf8.lazy.map { $0.isFieldValueCharacter ? $0 : .space })
        lengths.append((middle - before, bytes.count - middle))
    }

    private static func isOwned(_ name: String) -> Bool {
        // A colon would make a field a pseudo-field.
        name.utf8.contains(.colon) || owned.contains { $0.isSameFieldName(as: name) }
    }
}
