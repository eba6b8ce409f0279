import Foundation
import GRDB
import LogModel

/// The outputs of one job and its rejected output lines, within ``OutputLimits``.
///
/// | what | counted in `outputCount` |
/// | --- | --- |
/// | keys, bytes of keys and last values | `keys`, `bytes`: a look at the limits costs no sum |
/// | rejected lines, with those that are not kept | `rejected` |
struct OutputTable {
    let db: Database
    let job: Int64

    private struct Count {
        var keys = 0
        var bytes = 0
        var rejected = 0
    }

    /// Why a value cannot be taken; `nil` when it can.
    func objection(to key: String, valueBytes: Int) throws -> String? {
        let (now, after) = try counts(with: key, valueBytes: valueBytes)
        if after.keys > OutputLimits.keys, after.keys > now.keys {
            return "the job has \(OutputLimits.keys) keys already"
        }
        if after.bytes > OutputLimits.bytes, after.bytes > now.bytes {
            return "the job's outputs are more than \(OutputLimits.bytes >> 20) MiB"
        }
        return nil
    }

    /// Stores the last value of a key.
    func put(_ key: String, _ value: [UInt8], stream: Int64, line: Int64, sequence: Int64) throws {
        let (_, count) = try counts(with: key, valueBytes: value.count)
        try store(count)
        try db.cachedStatement(
            sql: """
                INSERT INTO output (job, key, value, stream, line, sequence)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (job, key) DO UPDATE SET value = excluded.value,
                    stream = excluded.stream, line = excluded.line, sequence = excluded.sequence
                """
        ).execute(arguments: [job, key, Data(value), stream, line, sequence])
    }

    /// Counts a rejected line, and keeps it if there is room.
    func reject(stream: Int64, line: Int64, reason: String) throws {
        var count = try count()
        if count.rejected < OutputLimits.rejectedRows {
            try db.cachedStatement(
                sql: """
                    INSERT INTO rejected (job, stream, line, reason) VALUES (?, ?, ?, ?)
                    ON CONFLICT DO NOTHING
                    """
            ).execute(arguments: [job, stream, line, reason])
            // A line that is there already: it was told before a crash, and is told again.
            guard db.changesCount > 0 else { return }
        }
        count.rejected += 1
        try store(count)
    }

    private func counts(with key: String, valueBytes: Int) throws -> (now: Count, after: Count) {
        let now = try count()
        let known = try Int.fetchOne(
            db.cachedStatement(sql: "SELECT length(value) FROM output WHERE job = ? AND key = ?"),
            arguments: [job, key])
        var after = now
        after.keys += known == nil ? 1 : 0
        after.bytes += valueBytes - (known ?? -key.utf8.count)
        return (now, after)
    }

    private func count() throws -> Count {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT keys, bytes, rejected FROM outputCount WHERE job = ?"),
            arguments: [job])
        return row.map { Count(keys: $0[0], bytes: $0[1], rejected: $0[2]) } ?? Count()
    }

    private func store(_ count: Count) throws {
        try db.cachedStatement(
            sql:
                "INSERT OR REPLACE INTO outputCount (job, keys, bytes, rejected) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [job, count.keys, count.bytes, count.rejected])
    }
}
