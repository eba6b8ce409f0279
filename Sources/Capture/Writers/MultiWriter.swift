package import LogModel
package import Store

/// Hands each batch of one stream, in order, to the store and to every further writer.
///
/// The store comes first and may hold the caller back: what it does not take, nobody gets. The
/// others have a ``WriterQueue`` each; one that is slow or fails never stops another.
package struct MultiWriter: Sendable {
    /// The stream in the store.
    package let store: StreamWriter
    private var extractor: OutputExtractor?
    private let queues: [WriterQueue]
    /// Bytes of text that the stream has in the store.
    package private(set) var bytes: Int64

    /// Writers of one stream.
    ///
    /// - Parameters:
    ///   - store: its place in the store.
    ///   - storedBytes: what is stored already.
    ///   - extractor: for the stream of a container whose outputs count, at the stream's end.
    ///   - queues: those of the further writers.
    package init(
        store: StreamWriter, storedBytes: Int64, extractor: OutputExtractor?,
        queues: [WriterQueue] = []
    ) {
        self.store = store
        self.bytes = storedBytes
        self.extractor = extractor
        self.queues = queues
    }

    /// Appends lines; `isLast` says that the stream ends with them. Lines that are `urgent` are
    /// committed soon even if nobody watches.
    ///
    /// - Throws: ``StoreError`` when the store has failed. The lines were not taken then.
    package mutating func append(
        _ batch: LineBatch, isLast: Bool = false, urgent: Bool = false
    ) async throws {
        // The extractor moves on only with lines that the store has taken.
        var next = extractor
        let outputs = next?.scan(batch, isLast: isLast) ?? []
        let first = store.next
        try await store.append(batch, outputs: outputs, urgent: urgent || isLast)
        extractor = next
        bytes += Int64(batch.byteCount)
        for queue in queues { queue.offer(NumberedBatch(first: first, batch: batch)) }
    }

    /// Appends a gap record, unless the stream's last entry already is one.
    ///
    /// - Returns: whether it was appended.
    package mutating func append(
        gap certainty: GapRecord.Certainty, until time: LogTime, reason: String
    ) async throws -> Bool {
        let last = store.lastLine
        if store.next > (last?.line ?? -1) + 1 { return false }
        try await interrupt()
        try await store.append(
            GapRecord(
                certainty: certainty, from: last?.time, to: max(time, last?.time ?? time),
                reason: reason))
        return true
    }

    /// Marks the stream as ended, when all of it is committed.
    package mutating func end(_ end: InstanceState.End) async throws {
        try await interrupt()
        try await store.end(exitCode: end.exitCode, reason: end.reason)
        for queue in queues { queue.end(at: store.next) }
    }

    /// What was not complete before a gap or the end never will be.
    private mutating func interrupt() async throws {
        guard var next = extractor else { return }
        let reason = next.interrupt()
        if let reason, let line = store.lastLine?.line {
            try await store.reject(line: line, reason: reason)
        }
        extractor = next
    }
}
