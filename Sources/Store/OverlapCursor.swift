package import LogModel

/// Stored lines in stored order, read chunk by chunk, so that a long overlap needs no memory.
///
/// Gap records are left out. Lines with an earlier time than asked for may be among them: the
/// caller filters.
package struct OverlapCursor: Sendable {
    private let reader: LogReader
    private let stream: Int64
    private var line: Int64
    private let end: Int64

    init(reader: LogReader, stream: Int64, lines: Range<Int64>) {
        self.reader = reader
        self.stream = stream
        line = lines.lowerBound
        end = lines.upperBound
    }

    /// The next lines; `nil` behind the last.
    package mutating func next() async throws -> NumberedBatch? {
        while line < end {
            guard let found = try await reader.chunk(stream: stream, at: line) else { return nil }
            line = found.batch.next
            guard found.kind == .text else { continue }
            let surplus = Int(found.batch.next - end)
            guard surplus > 0 else { return found.batch }
            let batch = found.batch.batch
            return NumberedBatch(
                first: found.batch.first, batch: batch.slice(0..<(batch.count - surplus)))
        }
        return nil
    }
}
