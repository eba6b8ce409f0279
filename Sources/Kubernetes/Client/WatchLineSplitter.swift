import Foundation

/// Splits the bytes of a watch into lines, of which none may be longer than a limit.
struct WatchLineSplitter {
    /// Why the bytes are no watch.
    enum Failure: Error, Equatable, CustomStringConvertible {
        /// A line is longer than the limit, in bytes.
        case lineTooLong(limit: Int)
        /// The bytes end inside a line.
        case cutLine

        var description: String {
            switch self {
            case .lineTooLong(let limit): "an event is larger than \(limit) bytes"
            case .cutLine: "the watch ended inside an event"
            }
        }
    }

    private let limit: Int
    private var buffer = Data()
    /// Where the line after the last returned one starts.
    private var start = 0
    /// Up to where no newline was found.
    private var searched = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// Adds bytes as they arrived.
    mutating func append(_ bytes: [UInt8]) {
        if start > 0 {
            buffer = Data(buffer.suffix(from: start))
            searched -= start
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole line that is not empty, without its newline; `nil` when more bytes are
    /// needed.
    mutating func next() throws(Failure) -> Data? {
        while let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = buffer[start..<end]
            start = end + 1
            searched = start
            if line.count > limit { throw .lineTooLong(limit: limit) }
            if !line.isEmpty { return line }
        }
        searched = buffer.count
        if buffer.count - start > limit { throw .lineTooLong(limit: limit) }
        return nil
    }

    /// Says that no more bytes come.
    func finish() throws(Failure) {
        if start < buffer.count { throw .cutLine }
    }
}
