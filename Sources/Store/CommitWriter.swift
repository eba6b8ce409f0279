import Foundation
import GRDB
import LogModel

/// Writes one group commit's rows inside its transaction: chunks, merges, outputs, gaps, ends, and
/// the closures of `Store.write`, each in a savepoint of its own.
struct CommitWriter {
    let settings: StoreSettings
    let decoder: ZstdDecoder

    /// Writes everything; throws when the transaction as a whole must be undone.
    mutating func write(
        _ work: CommitWork, db: Database, cutter: inout ChunkCutter, isIsolated: Bool
    ) throws -> CommitResult {
        var result = CommitResult()
        let events = EventCollector()
        let transaction = StoreTransaction(connection: StoreConnection(db: db), events: events)
        for stream in work.streams {
            var runs = stream.runs
            if let earlier = stream.earlier {
                // Without its earlier part a stream's later lines have no place.
                switch result.streams[earlier] {
                case .success(let known): runs = known
                case .failure(let error):
                    result.streams.append(.failure(error))
                    continue
                }
            }
            guard isIsolated else {
                try write(stream, runs: &runs, transaction, cutter: &cutter)
                result.streams.append(.success(runs))
                continue
            }
            let mark = events.records.count
            do {
                try db.inSavepoint {
                    try write(stream, runs: &runs, transaction, cutter: &cutter)
                    return .commit
                }
                result.streams.append(.success(runs))
            } catch  where !StoreError.isStorageFailure(error) {
                events.records.removeSubrange(mark...)
                result.streams.append(.failure(error))
            }
        }
        for request in work.writes {
            let mark = events.records.count
            do {
                try db.inSavepoint {
                    let tell = try request.run(transaction)
                    result.tell.append(tell)
                    return .commit
                }
            } catch  where !StoreError.isStorageFailure(error) {
                events.records.removeSubrange(mark...)
                result.tell.append { request.fail(error) }
            }
        }
        result.events = events.records
        return result
    }

    private func write(
        _ stream: CommitWork.StreamWork, runs: inout MergeRuns, _ transaction: StoreTransaction,
        cutter: inout ChunkCutter
    ) throws {
        let db = transaction.connection.db
        let table = ChunkTable(db: db)
        let channel = stream.channel
        for step in stream.steps {
            switch step {
            case .chunk(let chunk):
                try table.insert(chunk, stream: channel.row)
                let ranges = runs.add(
                    line: chunk.firstLine, next: chunk.nextLine, bytes: chunk.bytes,
                    isText: chunk.kind == .text, isOpen: chunk.isOpen, settings: settings)
                for range in ranges {
                    try merge(range, of: channel.row, in: table, cutter: &cutter)
                }
            case .output(let output, let line):
                try write(output, line: line, of: channel, transaction)
            case .gap(let gap):
                try write(gap, of: channel, transaction)
            case .end(let exitCode, let reason):
                for range in runs.end(at: stream.position.line) {
                    try merge(range, of: channel.row, in: table, cutter: &cutter)
                }
                try db.cachedStatement(
                    sql: """
                        UPDATE stream SET state = 'ended', endedAt = ?, exitCode = ?, reason = ?
                        WHERE id = ?
                        """
                ).execute(arguments: [LogTime.now.nanoseconds, exitCode, reason, channel.row])
            }
        }
    }

    /// Replaces consecutive chunks by one with the same lines.
    private func merge(
        _ lines: Range<Int64>, of stream: Int64, in table: ChunkTable, cutter: inout ChunkCutter
    ) throws {
        let chunks = try table.chunks(stream: stream, lines: lines)
        guard let first = chunks.first, chunks.count > 1 else { return }
        var position = ChunkPosition()
        position.line = first.firstLine
        position.byte = first.firstByte
        position.newlines = first.firstNewline
        // The running maximum before the first chunk is at most its own, and what matters is the
        // one at the end of the merged chunk.
        position.maxTime = first.maxTime
        cutter.begin(at: position, chunkBytes: .max)
        do {
            for chunk in chunks { cutter.add(try chunk.unpack(decoder)) }
        } catch let error as StoreError where error.code == .corrupt {
            // Damaged chunks stay as they are; whoever reads them gets the error.
            return
        }
        try table.delete(stream: stream, lines: lines)
        for chunk in cutter.finish().chunks { try table.insert(chunk, stream: stream) }
    }

    private func write(
        _ output: FoundOutput, line: Int64, of channel: StreamChannel,
        _ transaction: StoreTransaction
    ) throws {
        guard let job = channel.descriptor.job else { return }
        let table = OutputTable(db: transaction.connection.db, job: job)
        switch output.result {
        case .accepted(let key, let value):
            let count: OutputTable.Count
            switch try table.admission(of: key, bytes: value.count) {
            case .granted(let granted): count = granted
            case .refused(let reason):
                return try table.reject(stream: channel.row, line: line, reason: reason)
            }
            let data = OutputEventData(
                key: key, value: value, stream: channel.descriptor.id, line: line)
            let sequence = try transaction.append(
                event: .jobOutput, key: try eventKey(of: channel, transaction), data: data)
            let row = OutputRow(
                key: key, value: value, stream: channel.row, line: line, sequence: sequence)
            try table.put(row, count: count)
        case .rejected(let reason):
            try table.reject(stream: channel.row, line: line, reason: reason)
        }
    }

    private func write(
        _ gap: NumberedGap, of channel: StreamChannel, _ transaction: StoreTransaction
    ) throws {
        try transaction.connection.db.cachedStatement(
            sql: """
                INSERT INTO gap (stream, line, certainty, "from", "to", reason)
                VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            channel.row, gap.line, gap.gap.certainty.rawValue, gap.gap.from?.nanoseconds,
            gap.gap.to.nanoseconds, gap.gap.reason,
        ])
        try transaction.append(
            event: .logGap, key: try eventKey(of: channel, transaction),
            data: GapEventData(gap.gap, stream: channel.descriptor.id, line: gap.line))
    }

    /// The key of a stream's events: its job's, or the Pod's name where it belongs to none.
    private func eventKey(
        of channel: StreamChannel, _ transaction: StoreTransaction
    ) throws -> JobKey {
        guard let job = channel.descriptor.job, let key = try transaction.key(ofJob: job) else {
            return channel.fallbackKey
        }
        return key
    }
}
