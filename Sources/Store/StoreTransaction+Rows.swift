import Foundation
import GRDB
package import LogModel

extension StoreTransaction {
    /// Stores a workflow, new or known by its uid. What is `nil` in `plan` keeps the stored one.
    ///
    /// - Returns: its row.
    @discardableResult
    package func upsert(_ workflow: WorkflowRow) throws -> Int64 {
        let statement = try connection.db.cachedStatement(
            sql: """
                INSERT INTO workflow (uid, namespace, name, status, outcome, reason, message, plan,
                    createdAt, startedAt, endedAt)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (uid) DO UPDATE SET namespace = excluded.namespace,
                    name = excluded.name, status = excluded.status, outcome = excluded.outcome,
                    reason = excluded.reason, message = excluded.message,
                    plan = coalesce(excluded.plan, plan),
                    createdAt = excluded.createdAt, startedAt = excluded.startedAt,
                    endedAt = excluded.endedAt
                RETURNING id
                """)
        return try row(
            statement,
            [
                workflow.uid, workflow.namespace, workflow.name, workflow.status.rawValue,
                workflow.outcome?.rawValue, workflow.reason, workflow.message,
                workflow.plan.map { Data($0) },
                workflow.createdAt.nanoseconds, workflow.startedAt?.nanoseconds,
                workflow.endedAt?.nanoseconds,
            ])
    }

    /// Stores a job, new or known by its uid.
    ///
    /// - Returns: its row.
    @discardableResult
    package func upsert(_ job: JobRow) throws -> Int64 {
        let statement = try connection.db.cachedStatement(
            sql: """
                INSERT INTO job (uid, namespace, workflow, stage, name, status, outcome, reason,
                    message, exitCode, createdAt, startedAt, endedAt, outputToken, run, attempt, owner,
                    isOwnerPresent)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (uid) DO UPDATE SET namespace = excluded.namespace,
                    workflow = excluded.workflow, stage = excluded.stage, name = excluded.name,
                    status = excluded.status, outcome = excluded.outcome,
                    reason = excluded.reason, message = excluded.message,
                    exitCode = excluded.exitCode, createdAt = excluded.createdAt,
                    startedAt = excluded.startedAt, endedAt = excluded.endedAt,
                    outputToken = excluded.outputToken, run = excluded.run,
                    attempt = excluded.attempt, owner = coalesce(excluded.owner, owner),
                    isOwnerPresent = excluded.isOwnerPresent
                RETURNING id
                """)
        return try row(
            statement,
            [
                job.uid, job.key.namespace, job.key.workflow, job.stage, job.key.job,
                job.status.rawValue, job.outcome?.rawValue, job.reason, job.message, job.exitCode,
                job.createdAt.nanoseconds, job.startedAt?.nanoseconds, job.endedAt?.nanoseconds,
                job.outputToken, job.run, job.attempt, job.owner.map { Data($0) },
                job.isOwnerPresent,
            ])
    }

    /// Stores a Pod and its containers, new or known by its UID.
    package func upsert(_ pod: PodRow) throws {
        try connection.db.cachedStatement(
            sql: """
                INSERT INTO pod (uid, namespace, name, job, node, phase, createdAt, deletedAt,
                    defaultContainer, state)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (uid) DO UPDATE SET job = excluded.job, node = excluded.node,
                    phase = excluded.phase, deletedAt = excluded.deletedAt,
                    defaultContainer = excluded.defaultContainer, state = excluded.state
                """
        ).execute(arguments: [
            pod.uid, pod.namespace, pod.name, pod.job, pod.node, pod.phase,
            pod.createdAt.nanoseconds, pod.deletedAt?.nanoseconds, pod.defaultContainer,
            pod.state.map { Data($0) },
        ])
        events.pods.insert(PodNews.Name(namespace: pod.namespace, pod: pod.name))
        for (position, container) in pod.containers.enumerated() {
            try connection.db.cachedStatement(
                sql: """
                    INSERT INTO container (podUID, name, kind, position) VALUES (?, ?, ?, ?)
                    ON CONFLICT (podUID, name) DO UPDATE SET kind = excluded.kind,
                        position = excluded.position
                    """
            ).execute(arguments: [pod.uid, container.name, container.kind.rawValue, position])
        }
    }

    /// Stores a durable consumer, new or known by its name.
    package func upsert(_ consumer: ConsumerRow) throws {
        try connection.db.cachedStatement(
            sql: """
                INSERT INTO consumer (name, filter, acknowledged, createdAt) VALUES (?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET filter = excluded.filter,
                    acknowledged = excluded.acknowledged
                """
        ).execute(arguments: [
            consumer.name, Data(consumer.filter), consumer.acknowledged,
            consumer.createdAt.nanoseconds,
        ])
    }

    /// Removes a durable consumer, if there is one of that name.
    package func deleteConsumer(_ name: String) throws {
        try connection.db.cachedStatement(sql: "DELETE FROM consumer WHERE name = ?")
            .execute(arguments: [name])
    }

    /// Appends an event to the feed, where readers find it after the commit.
    ///
    /// - Parameters:
    ///   - type: what it tells of.
    ///   - key: which job; the job's name is empty for events of a workflow.
    ///   - data: what becomes the JSON object `data`.
    /// - Returns: its sequence number.
    /// - Throws: what the database says, or what encoding `data` throws.
    @discardableResult
    package func append(
        event type: EventType, key: JobKey, data: some Encodable
    ) throws -> Int64 {
        let time = LogTime.now
        let json = try JSONText.encode(data)
        try connection.db.cachedStatement(
            sql: """
                INSERT INTO event (time, type, namespace, workflow, job, data)
                VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            time.nanoseconds, type.rawValue, key.namespace, key.workflow, key.job, Data(json),
        ])
        let sequence = connection.db.lastInsertedRowID
        events.records.append(
            EventRecord(sequence: sequence, time: time, type: type, key: key, data: json))
        return sequence
    }

    /// Runs a statement that returns one row's id.
    private func row(_ statement: Statement, _ arguments: StatementArguments) throws -> Int64 {
        guard let id = try Int64.fetchOne(statement, arguments: arguments) else {
            throw StoreError("write a row", .rejected, path: "", "no row was returned")
        }
        return id
    }
}
