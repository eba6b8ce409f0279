import Foundation

/// One row of the table `chunk`, as it is written; ``StoreSchema`` says what the columns mean.
struct Chunk: Sendable {
    /// What a chunk holds.
    enum Kind: Int, Sendable {
        /// Lines of the log.
        case text = 0
        /// One gap record.
        case gap = 1
    }

    var firstLine: Int64
    var lines: Int
    var firstByte: Int64
    var bytes: Int
    var firstNewline: Int64
    var isOpen: Bool
    var lastTime: Int64
    var maxTime: Int64
    var kind: Kind
    var times: Data
    var text: Data

    /// The number of the line behind the chunk.
    var nextLine: Int64 { firstLine + Int64(lines) }
}

/// Where the next chunk of a stream begins.
struct ChunkPosition: Sendable, Equatable {
    /// The number of its first line.
    var line: Int64 = 0
    /// The offset of its first byte in the log.
    var byte: Int64 = 0
    /// Newlines before it.
    var newlines: Int64 = 0
    /// The largest timestamp before it.
    var maxTime = Int64.min

    /// The start of a stream.
    init() {}

    /// Behind `chunk`.
    init(behind chunk: ChunkHead) {
        line = chunk.nextLine
        byte = chunk.firstByte + Int64(chunk.bytes)
        newlines = chunk.nextNewline
        maxTime = chunk.maxTime
    }
}

/// A chunk's numbers without its text.
struct ChunkHead: Sendable {
    let id: Int64
    let firstLine: Int64
    let lines: Int
    let firstByte: Int64
    let bytes: Int
    let firstNewline: Int64
    let isOpen: Bool
    let lastTime: Int64
    let maxTime: Int64
    let kind: Chunk.Kind

    /// The number of the line behind the chunk.
    var nextLine: Int64 { firstLine + Int64(lines) }
    /// Newlines in the stream up to the end of the chunk.
    var nextNewline: Int64 { firstNewline + Int64(lines) - (isOpen ? 1 : 0) }

    /// Refuses numbers that no chunk has: SQLite finds a damaged page only where it breaks the
    /// file's structure, and sums of what is let through cannot overflow.
    func check() throws(StoreError) {
        let places: ClosedRange<Int64> = 0...(1 << 60)
        guard places.contains(firstLine), places.contains(firstByte), places.contains(firstNewline),
            (0...ZstdDecoder.longest).contains(bytes), (1...(bytes + 1)).contains(lines)
        else { throw Self.damaged("\(lines) lines of \(bytes) bytes from line \(firstLine)") }
    }

    /// The error of a chunk that cannot be one.
    static func damaged(_ message: String) -> StoreError {
        StoreError(
            "read log text", .corrupt, path: "", "a chunk is damaged: \(message)",
            advice: StoreError.corruptAdvice)
    }
}
