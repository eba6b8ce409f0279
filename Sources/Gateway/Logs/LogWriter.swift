import ByteBlocks
import LogModel

/// Writes lines one after another into one buffer, up to a limit of bytes.
struct LogWriter {
    /// What was written.
    private(set) var bytes: [UInt8] = []
    private let limit: Int
    /// Whether something was left out because it did not fit.
    private var isCut = false

    /// A writer of at most `limit` bytes, with room for `capacity` at first.
    init(capacity: Int, limit: Int? = nil) {
        self.limit = limit ?? .max
        bytes.reserveCapacity(min(capacity, self.limit))
    }

    /// The number of bytes written.
    var count: Int { bytes.count }

    /// Whether the limit is reached: what was added last may be cut.
    var isFull: Bool { isCut || bytes.count >= limit }

    /// Adds line `index` of `batch` exactly as the container wrote it, behind its time.
    mutating func add(_ batch: LineBatch, _ index: Int, time: LogTime?) {
        add(time)
        bytes.append(contentsOf: batch.text.bytes[batch.start(index)..<Int(batch.ends[index])])
        cut()
    }

    /// Adds line `index` of `batch` with a newline, also where the container wrote none.
    mutating func addLine(_ batch: LineBatch, _ index: Int, time: LogTime?) {
        add(time)
        bytes.append(contentsOf: batch.line(index))
        bytes.append(UInt8(ascii: "\n"))
        cut()
    }

    /// Adds line `index` of `batch` as a server-sent event with the line's number as its id.
    ///
    /// | bytes | meaning |
    /// | --- | --- |
    /// | `id: N\n` | the line's number |
    /// | `data: …\n` | the line, or a part of it between carriage returns |
    /// | `\n` | end of the event |
    ///
    /// A carriage return ends a line in an event stream. Sent as it is, one inside a log line would
    /// let the log forge fields (`id`, `event`): so it starts another `data`, which the client
    /// joins with a newline. One at the end of the line is dropped.
    mutating func addEvent(_ batch: LineBatch, _ index: Int, time: LogTime?, id: Int64) {
        let start = bytes.count
        bytes.append(contentsOf: "id: \(id)\ndata: ".utf8)
        add(time)
        var line = batch.line(index)[...]
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        for byte in line {
            if byte == UInt8(ascii: "\r") {
                bytes.append(contentsOf: "\ndata: ".utf8)
            } else {
                bytes.append(byte)
            }
        }
        bytes.append(contentsOf: "\n\n".utf8)
        // Half an event is none, and nothing may follow one that is left out.
        if bytes.count > limit {
            bytes.removeSubrange(start...)
            isCut = true
        }
    }

    private mutating func add(_ time: LogTime?) {
        guard let time else { return }
        withUnsafeTemporaryAllocation(byteCount: RFC3339.writtenLength, alignment: 1) { target in
            RFC3339.write(time, to: target)
            bytes.append(contentsOf: target)
        }
        bytes.append(UInt8(ascii: " "))
    }

    private mutating func cut() {
        if bytes.count > limit { bytes.removeSubrange(limit...) }
    }
}
