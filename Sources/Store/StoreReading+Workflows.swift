import Foundation
import GRDB
package import LogModel

extension StoreReading {
    /// Runs of workflows, newest first, of a namespace or of any of some, 500 at most. The next page
    /// begins before the row of the last one.
    package func workflows(
        namespace: String? = nil, namespaces: [String]? = nil, status: JobStatus? = nil,
        limit: Int = 100, before: Int64? = nil
    ) throws -> [WorkflowRow] {
        var conditions = SQLConditions()
        conditions.add("namespace = ?", namespace)
        conditions.add("namespace", in: namespaces)
        conditions.add("status = ?", status?.rawValue)
        conditions.add("id < ?", before)
        return try workflows(
            "\(conditions.text) ORDER BY id DESC LIMIT ?", conditions.values(limit))
    }

    /// The latest run of a workflow.
    package func workflow(namespace: String, name: String) throws -> WorkflowRow? {
        try workflows(
            "WHERE namespace = ? AND name = ? ORDER BY id DESC LIMIT 1", [namespace, name]
        ).first
    }

    /// The workflow with this uid.
    package func workflow(uid: String) throws -> WorkflowRow? {
        try workflows("WHERE uid = ?", [uid]).first
    }

    /// The workflows that are not over, and those of the jobs that ``openJobs()`` gives, oldest
    /// first.
    package func openWorkflows() throws -> [WorkflowRow] {
        try workflows(
            """
            WHERE status <> 'end' OR uid IN (SELECT run FROM job
                WHERE status <> 'end' OR isOwnerPresent = 1
                    OR id IN (SELECT job FROM pod WHERE deletedAt IS NULL))
            ORDER BY id
            """, [])
    }

    /// The durable consumers, by name.
    package func consumers() throws -> [ConsumerRow] {
        try consumers("ORDER BY name", [])
    }

    /// The durable consumer of this name.
    package func consumer(_ name: String) throws -> ConsumerRow? {
        try consumers("WHERE name = ?", [name]).first
    }

    private func consumers(
        _ condition: String, _ arguments: StatementArguments
    ) throws -> [ConsumerRow] {
        let statement = try connection.db.cachedStatement(
            sql: "SELECT name, filter, acknowledged, createdAt FROM consumer \(condition)")
        return try Row.fetchAll(statement, arguments: arguments).map { row in
            let filter: Data = row[1]
            return ConsumerRow(
                name: row[0], filter: Array(filter), acknowledged: row[2],
                createdAt: LogTime(nanoseconds: row[3]))
        }
    }

    private func workflows(
        _ condition: String, _ arguments: StatementArguments
    ) throws -> [WorkflowRow] {
        let statement = try connection.db.cachedStatement(
            sql: """
                SELECT id, uid, namespace, name, status, outcome, reason, plan, createdAt,
                    startedAt, endedAt, message
                FROM workflow \(condition)
                """)
        return try Row.fetchAll(statement, arguments: arguments).map { row in
            var workflow = WorkflowRow(
                uid: row[1], namespace: row[2], name: row[3],
                status: JobStatus(rawValue: row[4]) ?? .pending,
                createdAt: LogTime(nanoseconds: row[8]))
            workflow.id = row[0]
            workflow.outcome = (row[5] as String?).flatMap(JobOutcome.init(rawValue:))
            workflow.reason = row[6]
            workflow.message = row[11]
            workflow.plan = (row[7] as Data?).map { Array($0) }
            workflow.startedAt = row.time(9)
            workflow.endedAt = row.time(10)
            return workflow
        }
    }
}
