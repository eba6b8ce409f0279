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

    /// What `outputCount` says, or will say.
    struct Count {
        var keys = 0
        var bytes = 0
        var rejected = 0
    }

    /// Whether a value can be taken.
    enum Admission {
        /// It can: what the counts are with it.
        case granted(Count)
        /// It cannot, for this reason.
        case refused(String)
    }

    /// Whether there is room for a value of `bytes` bytes.
    func admission(of key: String, bytes: Int) throws -> Admission {
        let now = try count()
        let known = try Int.fetchOne(
            db.cachedStatement(sql: "SELECT length(value) FROM output WHERE job = ? AND key = ?"),
            arguments: [job, key])
        var after = now
        after.keys += known == nil ? 1 : 0
        after.bytes += bytes - (known ?? -key.utf8.count)
        // What makes the outputs smaller is always taken.
        if after.keys > OutputLimits.keys, after.keys > now.keys {
            return .refused("the job has \(OutputLimits.keys) keys already")
        }
        if after.bytes > OutputLimits.bytes, after.bytes > now.bytes {
            return .refused("the job's outputs are more than \(OutputLimits.bytes >> 20) MiB")
        }
        return .granted(after)
    }

    /// Stores the last value of a key; `count` comes from ``admission(of:bytes:)``.
    func put(_ output: OutputRow, count: Count) throws {
        try store(count)
        try db.cachedStatement(
            sql: """
                INSERT INTO output (job, key, value, stream, line, sequence)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (job, key) DO UPDATE SET value = excluded.value,
                    stream = excluded.stream, line = excluded.line, sequence = excluded.sequence
                """
        ).execute(arguments: [
            job, output.key, Data(output.value), output.stream, output.line, output.sequence,
        ])
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
