import Foundation
import GRDB

extension StoreReading {
    /// The last value of each key that a job printed, by key.
    package func outputs(ofJob job: Int64) throws -> [OutputRow] {
        let statement = try connection.db.cachedStatement(
            sql: """
                SELECT key, value, stream, line, sequence FROM output WHERE job = ? ORDER BY key
                """)
        return try Row.fetchAll(statement, arguments: [job]).map(Self.output)
    }

    /// The last values of a job's keys, the smallest first while they are no more than `bytes` with
    /// their keys; values that are left out are not read.
    package func outputs(ofJob job: Int64, upTo bytes: Int) throws -> BoundedOutputs {
        let sizes = try Row.fetchAll(
            connection.db.cachedStatement(
                sql: """
                    SELECT key, length(value) + length(CAST(key AS BLOB)) FROM output WHERE job = ?
                    ORDER BY 2, 1
                    """), arguments: [job])
        var room = bytes
        var omitted: Set<String> = []
        for row in sizes {
            room -= row[1]
            if room < 0 { omitted.insert(row[0]) }
        }
        guard !omitted.isEmpty else { return BoundedOutputs(outputs: try outputs(ofJob: job)) }
        var bounded = BoundedOutputs(omitted: omitted.sorted())
        for row in sizes {
            let key: String = row[0]
            guard !omitted.contains(key), let output = try output(key, ofJob: job) else { continue }
            bounded.outputs.append(output)
        }
        bounded.outputs.sort { $0.key < $1.key }
        return bounded
    }

    private func output(_ key: String, ofJob job: Int64) throws -> OutputRow? {
        let statement = try connection.db.cachedStatement(
            sql: """
                SELECT key, value, stream, line, sequence FROM output WHERE job = ? AND key = ?
                """)
        return try Row.fetchOne(statement, arguments: [job, key]).map(Self.output)
    }

    private static func output(_ row: Row) -> OutputRow {
        let value: Data = row[1]
        return OutputRow(
            key: row[0], value: Array(value), stream: row[2], line: row[3], sequence: row[4])
    }

    /// The output lines of a job that were refused, by stream and line, the first `limit` of them.
    /// How many there were is in ``JobTotals/rejected``.
    package func rejected(ofJob job: Int64, limit: Int = 1_000) throws -> [RejectedRow] {
        let statement = try connection.db.cachedStatement(
            sql: """
                SELECT stream, line, reason FROM rejected WHERE job = ?
                ORDER BY stream, line LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [job, limit]).map {
            RejectedRow(stream: $0[0], line: $0[1], reason: $0[2])
        }
    }
}
