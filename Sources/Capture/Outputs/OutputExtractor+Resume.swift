import LogModel
import Store

extension OutputExtractor {
    /// How much of an open line is read back at most: 16 MiB. Longer ones are no outputs, and are not
    /// rejected either, since nobody looks for how they began.
    static let resumeBytes = 16 << 20

    /// Goes on behind what a stream has stored: a long line that was cut by the end of an earlier
    /// follow, or of the daemon, is put together with the parts that are stored.
    ///
    /// - Throws: ``StoreError`` when they cannot be read.
    mutating func resume(behind stream: StreamWriter) async throws {
        guard let last = stream.lastLine, !last.endsWithNewline, stream.next == last.line + 1
        else { return }  // Behind a gap a new line begins.
        try await stream.committed()
        // All parts of a line have its time.
        var parts = try await stream.overlap(since: last.time)
        var bytes = 0
        var next: Int64?
        while let part = try await parts.next() {
            bytes += part.batch.byteCount
            if let next, part.first > next { _ = interrupt() }
            next = part.next
            guard bytes <= Self.resumeBytes else { return skipRestOfLine() }
            // What is found was told when it was stored.
            _ = scan(part.batch)
        }
    }
}
