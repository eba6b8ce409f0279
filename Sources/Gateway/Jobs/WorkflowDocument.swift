import LogModel
import Store

/// A workflow as `/v1/workflows` shows it; what is not known is absent.
struct WorkflowDocument: Encodable, Sendable {
    /// A stage: jobs that belong together, in the order in which they were first seen.
    struct Stage: Encodable, Sendable {
        /// Empty for jobs that name no stage.
        let name: String
        let status: JobStatus
        let jobs: [String]
    }

    let namespace: String
    let name: String
    let uid: String
    let status: JobStatus
    let outcome: JobOutcome?
    let reason: String?
    let createdAt: String
    let startedAt: String?
    let endedAt: String?
    let stages: [Stage]
    /// How many jobs there are.
    let jobs: Int

    /// Reads all that belongs to `workflow`.
    init(_ workflow: WorkflowRow, in snapshot: StoreSnapshot) throws {
        let stages = Self.stages(
            of: try snapshot.jobs(ofWorkflow: workflow.name, namespace: workflow.namespace))
        namespace = workflow.namespace
        name = workflow.name
        uid = workflow.uid
        status = workflow.status
        outcome = workflow.outcome
        reason = workflow.reason
        createdAt = workflow.createdAt.description
        startedAt = workflow.startedAt?.description
        endedAt = workflow.endedAt?.description
        self.stages = stages
        jobs = stages.reduce(0) { $0 + $1.jobs.count }
    }

    /// The stages of `rows`, given oldest first: of several runs of a job the latest counts.
    static func stages(of rows: [JobRow]) -> [Stage] {
        let latest = Dictionary(rows.map { ($0.key.job, $0) }, uniquingKeysWith: { $1 })
        let jobs = latest.values.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        var names: [String] = []
        for job in jobs where !names.contains(job.stage ?? "") { names.append(job.stage ?? "") }
        return names.map { name in
            let members = jobs.filter { ($0.stage ?? "") == name }
            return Stage(
                name: name, status: status(of: members.map(\.status)),
                jobs: members.map(\.key.job))
        }
    }

    /// Where a stage stands, from where its jobs stand.
    static func status(of jobs: [JobStatus]) -> JobStatus {
        let kinds = Set(jobs)
        if kinds == [.end] { return .end }
        if kinds.contains(.running) || kinds.contains(.end) { return .running }
        if kinds.contains(.paused) { return .paused }
        return kinds.contains(.scheduling) ? .scheduling : .pending
    }
}
