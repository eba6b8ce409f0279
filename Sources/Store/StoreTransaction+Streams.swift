import GRDB
import LogModel

extension StoreTransaction {
    /// Where a stream stands when a writer opens it.
    struct OpenedStream: Sendable {
        let row: Int64
        let job: Int64?
        let isEnded: Bool
        let capture: StreamChannel.Capture
        let gaps: [NumberedGap]
    }

    /// Creates or finds a stream's row, and reads where its log ends. What is known stays; what
    /// the descriptor adds is stored.
    func open(_ stream: StreamDescriptor, settings: StoreSettings) throws -> OpenedStream {
        let db = connection.db
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO stream (podUID, container, attempt, namespace, pod, kind, job,
                    openedAt, startedAt)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (podUID, container, attempt) DO UPDATE SET
                    job = coalesce(job, excluded.job),
                    startedAt = coalesce(startedAt, excluded.startedAt)
                RETURNING id, job, state
                """)
        let row = try Row.fetchOne(
            statement,
            arguments: [
                stream.id.podUID, stream.id.container, stream.id.attempt, stream.namespace,
                stream.pod, stream.kind.rawValue, stream.job, LogTime.now.nanoseconds,
                stream.startedAt?.nanoseconds,
            ])
        guard let row else {
            throw StoreError(
                "open the stream \(stream.id)", .rejected, path: "", "no row was returned")
        }
        events.pods.insert(PodNews.Name(namespace: stream.namespace, pod: stream.pod))
        let id: Int64 = row[0]
        let table = ChunkTable(db: db)
        // Newest first; up to the two runs of small chunks that may be waiting to be merged.
        let tail = try table.tail(stream: id, count: 2 * settings.mergeRows)
        var capture = StreamChannel.Capture()
        if let last = tail.first {
            capture.position = ChunkPosition(behind: last)
            capture.next = last.nextLine
        }
        let lastText = tail.first?.kind == .gap ? try table.lastText(stream: id) : tail.first
        if let lastText {
            capture.lastLine = LastLine(
                line: lastText.nextLine - 1, time: LogTime(nanoseconds: lastText.lastTime),
                maxTime: LogTime(nanoseconds: lastText.maxTime),
                endsWithNewline: !lastText.isOpen)
        }
        let small = tail.prefix {
            $0.kind == .text && !$0.isOpen && $0.bytes < settings.chunkBytes / 2
        }
        capture.runs = MergeRuns(small: small.reversed())
        return OpenedStream(
            row: id, job: row[1], isEnded: row[2] == StreamState.ended.rawValue, capture: capture,
            gaps: try gaps(ofStream: id))
    }
}
