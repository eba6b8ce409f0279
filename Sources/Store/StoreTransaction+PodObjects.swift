import Foundation
import GRDB
package import LogModel

extension StoreTransaction {
    /// Deletions of Pods' objects that are remembered for those who watch: the last 1,000. Who has
    /// missed more is told to list anew.
    static let rememberedDeletions = 1_000

    /// Stores a Pod's object, new or known by its UID, as the latest change.
    package func store(_ object: PodObjectRow) throws {
        let first = try Int64.fetchOne(
            connection.db.cachedStatement(
                sql: "DELETE FROM podObject WHERE uid = ? RETURNING coalesce(first, version)"),
            arguments: [object.uid])
        try insert(object, first: first)
    }

    /// Notes that a Pod is gone whose object is stored. What is shown of it stays the same.
    package func markGone(podUID: String, at time: LogTime) throws {
        try connection.db.cachedStatement(
            sql: "UPDATE podObject SET goneAt = ? WHERE uid = ? AND goneAt IS NULL"
        ).execute(arguments: [time.nanoseconds, podUID])
    }

    /// Deletes the objects among `uids` whose Pods are gone and have no log left.
    func deleteObjects(ofPods uids: some Sequence<String>) throws {
        for uid in uids {
            try deleteObjects("uid = ? AND goneAt IS NOT NULL", [uid], limit: 1)
        }
    }

    /// Deletes the objects of Pods that were gone before `time` and have no log left.
    func deleteObjects(goneBefore time: LogTime, limit: Int) throws -> Int {
        try deleteObjects("goneAt < ?", [time.nanoseconds], limit: limit)
    }

    @discardableResult
    private func deleteObjects(
        _ condition: String, _ arguments: StatementArguments, limit: Int
    ) throws -> Int {
        let rows = try PodObjectTable(db: connection.db).rows(
            """
            WHERE \(condition) AND isDeleted = 0 AND NOT EXISTS
                (SELECT 1 FROM stream s WHERE s.podUID = o.uid AND s.deletedAt IS NULL)
            LIMIT ?
            """, arguments + [limit])
        for var row in rows {
            try connection.db.cachedStatement(sql: "DELETE FROM podObject WHERE uid = ?")
                .execute(arguments: [row.uid])
            row.isDeleted = true
            try insert(row, first: row.first)
        }
        guard !rows.isEmpty else { return 0 }
        try connection.db.cachedStatement(
            sql: """
                DELETE FROM podObject WHERE isDeleted = 1 AND version <=
                    (SELECT version FROM podObject WHERE isDeleted = 1
                     ORDER BY version DESC LIMIT 1 OFFSET ?)
                """
        ).execute(arguments: [Self.rememberedDeletions])
        return rows.count
    }

    private func insert(_ object: PodObjectRow, first: Int64?) throws {
        try connection.db.cachedStatement(
            sql: """
                INSERT INTO podObject (first, uid, namespace, name, createdAt, goneAt,
                    clusterVersion, job, isDeleted, labels, object)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            first, object.uid, object.namespace, object.name, object.createdAt.nanoseconds,
            object.goneAt?.nanoseconds, object.clusterVersion, object.job, object.isDeleted,
            try JSONEncoder().encode(object.labels), object.object.frame,
        ])
        events.pods.insert(.objects)
    }
}

extension Store {
    /// Deletes the objects of Pods that were gone before `time` and have no log left.
    ///
    /// - Returns: how many: fewer than `limit` when there are no more.
    package func deletePodObjects(goneBefore time: LogTime, limit: Int) async throws -> Int {
        try await write { transaction in
            try transaction.deleteObjects(goneBefore: time, limit: limit)
        }
    }
}
