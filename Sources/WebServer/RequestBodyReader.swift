/// Takes a request's body out of a connection's bytes: a pure state machine.
///
/// With `Content-Length` it counts; with chunked coding (RFC 9112 section 7.1) it goes round
/// size line → data → end of data, then through the trailer, whose fields are dropped.
struct RequestBodyReader {
    private enum State {
        /// Can transition to data and trailer.
        case sizeLine
        /// The bytes left. Can transition to dataEnd, and for a known length to complete.
        case data(Int)
        /// The CRLF behind a chunk. Can transition to sizeLine.
        case dataEnd
        /// Can transition to complete.
        case trailer
        case complete
    }

    /// A chunk's size line, or a line of the trailer, may have this many bytes: beyond it is no
    /// body that a client would send, so `400`.
    static let maxLineBytes = 4_096
    /// Lines of the trailer: beyond it `400`.
    static let maxTrailerLines = 64

    private(set) var body: [UInt8] = []
    private let limit: Int
    private let isChunked: Bool
    private var state: State
    private var trailerLines = 0

    /// Makes a reader of one body of at most `limit` bytes; a longer one gets `413`.
    init(_ framing: RequestHead.Body, limit: Int) throws(RequestFailure) {
        self.limit = limit
        switch framing {
        case .none:
            isChunked = false
            state = .complete
        case .length(let length):
            guard length <= limit else { throw Self.tooLong(limit) }
            isChunked = false
            state = .data(length)
            body.reserveCapacity(min(length, 65_536))
        case .chunked:
            isChunked = true
            state = .sizeLine
        }
    }

    var isComplete: Bool {
        if case .complete = state { true } else { false }
    }

    /// Reads from `bytes` and returns how many it took: less than all when the body is complete or
    /// a line is not.
    mutating func consume(_ bytes: ArraySlice<UInt8>) throws(RequestFailure) -> Int {
        var rest = bytes
        while true {
            switch state {
            case .complete:
                return rest.startIndex - bytes.startIndex
            case .data(let left):
                let part = rest.prefix(left)
                guard body.count + part.count <= limit else { throw Self.tooLong(limit) }
                body.append(contentsOf: part)
                rest = rest.dropFirst(part.count)
                if part.count < left {
                    state = .data(left - part.count)
                    return rest.startIndex - bytes.startIndex
                }
                state = isChunked ? .dataEnd : .complete
            case .sizeLine, .dataEnd, .trailer:
                guard let line = try Self.line(of: rest) else {
                    return rest.startIndex - bytes.startIndex
                }
                rest = rest[(line.endIndex + 2)...]
                try take(line)
            }
        }
    }

    private mutating func take(_ line: ArraySlice<UInt8>) throws(RequestFailure) {
        switch state {
        case .sizeLine:
            let size = try Self.chunkSize(line)
            guard body.count + size <= limit else { throw Self.tooLong(limit) }
            state = size == 0 ? .trailer : .data(size)
        case .dataEnd:
            guard line.isEmpty else {
                throw RequestFailure(400, "a chunk is longer than its size says")
            }
            state = .sizeLine
        case .trailer:
            trailerLines += 1
            guard trailerLines <= Self.maxTrailerLines else {
                throw RequestFailure(400, "the body's trailer is too long")
            }
            if line.isEmpty { state = .complete }
        case .data, .complete:
            preconditionFailure("data and the end are not lines")
        }
    }

    private static func line(
        of bytes: ArraySlice<UInt8>
    ) throws(RequestFailure) -> ArraySlice<UInt8>? {
        guard let end = bytes.prefix(maxLineBytes).firstIndex(of: .lineFeed) else {
            guard bytes.count < maxLineBytes else {
                throw RequestFailure(400, "a line of the chunked body is too long")
            }
            return nil
        }
        guard end > bytes.startIndex, bytes[end - 1] == .carriageReturn else {
            throw RequestFailure(400, "a line of the chunked body does not end in CRLF")
        }
        return bytes[..<(end - 1)]
    }

    private static func chunkSize(_ line: ArraySlice<UInt8>) throws(RequestFailure) -> Int {
        let digits = line.prefix { $0.hexValue != nil }
        let after = line.dropFirst(digits.count).first
        // Seven digits are 256 MiB less one byte: more than any limit, less than any overflow.
        guard !digits.isEmpty, after == nil || after == UInt8(ascii: ";") || after == .space else {
            throw RequestFailure(400, "a chunk's size is not a hexadecimal number")
        }
        guard digits.drop(while: { $0 == .zero }).count <= 7 else {
            throw RequestFailure(413, "a chunk of the body is too long")
        }
        return digits.reduce(0) { $0 << 4 | Int($1.hexValue ?? 0) }
    }

    private static func tooLong(_ limit: Int) -> RequestFailure {
        RequestFailure(413, "the body is longer than \(limit) bytes")
    }
}
