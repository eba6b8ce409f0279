import Foundation
import GRDB
package import LogModel

/// Which jobs are asked for; what is `nil` does not matter.
package struct JobQuery: Sendable {
    /// The Kubernetes namespace.
    package var namespace: String?
    /// The namespaces of which any are shown: 500 at most.
    package var namespaces: [String]?
    /// The workflow's name.
    package var workflow: String?
    /// Where the job stands.
    package var status: JobStatus?
    /// How many are returned at most.
    package var limit = 100
    /// The row of the last job of the page before.
    package var before: Int64?

    /// Asks for every job, page by page.
    package init(
        namespace: String? = nil, namespaces: [String]? = nil, workflow: String? = nil,
        status: JobStatus? = nil, limit: Int = 100, before: Int64? = nil
    ) {
        self.namespace = namespace
        self.namespaces = namespaces
        self.workflow = workflow
        self.status = status
        self.limit = limit
        self.before = before
    }
}

extension StoreReading {
    /// Jobs, newest first. The next page begins before the row of the last one.
    package func jobs(_ query: JobQuery) throws -> [JobRow] {
        var conditions = SQLConditions()
        conditions.add("namespace = ?", query.namespace)
        conditions.add("namespace", in: query.namespaces)
        conditions.add("workflow = ?", query.workflow)
        conditions.add("status = ?", query.status?.rawValue)
        conditions.add("id < ?", query.before)
        return try jobs(
            "\(conditions.text) ORDER BY id DESC LIMIT ?", conditions.values(query.limit))
    }

    /// The latest job of this name in each workflow of the namespace: several when the name alone
    /// does not say which is meant.
    package func candidates(namespace: String, job: String) throws -> [JobRow] {
        try jobs(
            """
            WHERE id IN (SELECT max(id) FROM job WHERE namespace = ? AND name = ?
                GROUP BY workflow) ORDER BY id DESC
            """, [namespace, job])
    }

    /// The latest run of a job.
    package func job(key: JobKey) throws -> JobRow? {
        try jobs(
            "WHERE namespace = ? AND workflow = ? AND name = ? ORDER BY id DESC LIMIT 1",
            [key.namespace, key.workflow, key.job]
        ).first
    }

    /// The job with this uid.
    package func job(uid: String) throws -> JobRow? {
        try jobs("WHERE uid = ?", [uid]).first
    }

    /// The job in this row.
    package func job(row: Int64) throws -> JobRow? {
        try jobs("WHERE id = ?", [row]).first
    }

    /// Jobs that are not over, oldest first.
    package func jobsNotEnded() throws -> [JobRow] {
        try jobs("WHERE status <> 'end' ORDER BY id", [])
    }

    /// Jobs that are not over, those of which a Pod or Job still exists in the cluster, and all jobs
    /// of workflows that are not over, oldest first.
    package func openJobs() throws -> [JobRow] {
        try jobs(
            """
            WHERE status <> 'end' OR isOwnerPresent = 1
                OR id IN (SELECT job FROM pod WHERE deletedAt IS NULL)
                OR run IN (SELECT uid FROM workflow WHERE status <> 'end')
            ORDER BY id
            """, [])
    }

    /// The jobs of a run of a workflow, oldest first, with earlier runs of the same names.
    package func jobs(ofRun uid: String) throws -> [JobRow] {
        try jobs("WHERE run = ? ORDER BY id", [uid])
    }

    /// Sums over the streams of a job.
    package func totals(ofJob job: Int64) throws -> JobTotals {
        let streams = try streams(ofJob: job)
        let counts = try Row.fetchOne(
            connection.db.cachedStatement(
                sql: "SELECT keys, rejected FROM outputCount WHERE job = ?"), arguments: [job])
        return JobTotals(
            lines: streams.reduce(0) { $0 + $1.lines },
            bytes: streams.reduce(0) { $0 + $1.bytes },
            gaps: streams.reduce(0) { $0 + $1.gaps },
            rejected: counts.map { $0[1] } ?? 0, outputs: counts.map { $0[0] } ?? 0)
    }

    /// The name of the job in this row.
    func key(ofJob job: Int64) throws -> JobKey? {
        let statement = try connection.db.cachedStatement(
            sql: "SELECT namespace, workflow, name FROM job WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [job]).map {
            JobKey(namespace: $0[0], workflow: $0[1], job: $0[2])
        }
    }

    private func jobs(_ condition: String, _ arguments: StatementArguments) throws -> [JobRow] {
        let statement = try connection.db.cachedStatement(
            sql: """
                SELECT id, uid, namespace, workflow, name, stage, status, outcome, reason, message,
                    exitCode, createdAt, startedAt, endedAt, outputToken, run, attempt, owner,
                    isOwnerPresent
                FROM job \(condition)
                """)
        return try Row.fetchAll(statement, arguments: arguments).map { row in
            var job = JobRow(
                uid: row[1], key: JobKey(namespace: row[2], workflow: row[3], job: row[4]),
                status: JobStatus(rawValue: row[6]) ?? .pending,
                createdAt: LogTime(nanoseconds: row[11]))
            job.id = row[0]
            job.stage = row[5]
            job.outcome = (row[7] as String?).flatMap(JobOutcome.init(rawValue:))
            job.reason = row[8]
            job.message = row[9]
            job.exitCode = row[10]
            job.startedAt = row.time(12)
            job.endedAt = row.time(13)
            job.outputToken = row[14]
            job.run = row[15]
            job.attempt = row[16]
            job.owner = (row[17] as Data?).map { Array($0) }
            job.isOwnerPresent = row[18]
            return job
        }
    }
}
