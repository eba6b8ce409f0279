import Foundation
import GRDB
import LogModel

/// Reads rows of `podObject`, which statements call `o`.
struct PodObjectTable {
    let db: Database

    /// Rows that are deleted or are another Pod's of the same name, created before or by chance at
    /// the same moment, are not shown.
    static let isShown = """
        NOT EXISTS (SELECT 1 FROM podObject n
            WHERE n.namespace = o.namespace AND n.name = o.name AND n.isDeleted = 0
                AND (n.createdAt > o.createdAt OR (n.createdAt = o.createdAt AND n.uid < o.uid)))
        """

    /// The rows that a condition selects.
    func rows(_ condition: String, _ arguments: StatementArguments) throws -> [PodObjectRow] {
        try Row.fetchAll(statement(condition), arguments: arguments).map { try Self.row($0) }
    }

    /// The first `limit` of the rows that a condition selects whose labels will do.
    func rows(
        _ condition: String, _ arguments: StatementArguments,
        labels: @Sendable ([String: String]) -> Bool, limit: Int
    ) throws -> [PodObjectRow] {
        var found: [PodObjectRow] = []
        let cursor = try Row.fetchCursor(statement(condition), arguments: arguments)
        while found.count < limit, let row = try cursor.next() {
            if labels(try Self.labels(row)) { found.append(try Self.row(row)) }
        }
        return found
    }

    private func statement(_ condition: String) throws -> Statement {
        try db.cachedStatement(
            sql: """
                SELECT version, coalesce(first, version), uid, namespace, name, createdAt, goneAt,
                    clusterVersion, job, isDeleted, labels, object
                FROM podObject o \(condition)
                """)
    }

    private static func labels(_ row: Row) throws -> [String: String] {
        try JSONDecoder().decode([String: String].self, from: row[10] as Data)
    }

    private static func row(_ row: Row) throws -> PodObjectRow {
        var object = PodObjectRow(
            uid: row[2], namespace: row[3], name: row[4],
            createdAt: LogTime(nanoseconds: row[5]), goneAt: row.time(6), clusterVersion: row[7],
            job: row[8], labels: try labels(row), object: PackedText(frame: row[11]))
        object.version = row[0]
        object.first = row[1]
        object.isDeleted = row[9]
        return object
    }
}
