import FoundationEssentials
import LogModel
import StatusModel
import Store

/// A workflow as `/v1/workflows` shows it; what is not known is absent.
struct WorkflowDocument: Encodable, Sendable {
    /// A job of a stage, without what `/v1/jobs` shows beside.
    struct Job: Encodable, Sendable {
        let job: String
        let uid: String
        let status: JobStatus
        let outcome: JobOutcome?
        let reason: String?
        let message: String?
        let exitCode: Int?
        /// How often it has begun; 1 before it has.
        let attempt: Int
        let createdAt: String
        let startedAt: String?
        let endedAt: String?
        /// As declared.
        let needs: [String]
        /// As declared.
        let retries: Int
    }

    /// A stage: jobs that belong together, as declared; else in the order in which they were seen.
    struct Stage: Encodable, Sendable {
        /// Empty for jobs that name no stage.
        let name: String
        let type: WorkflowPlan.StageType
        /// The stages that it waits for; none where nobody has declared them.
        let needs: [String]
        let status: JobStatus
        let outcome: JobOutcome?
        let jobs: [Job]
    }

    let namespace: String
    let name: String
    let uid: String
    /// The run's name, as declared.
    let run: String?
    /// Whether an engine has declared it.
    let declared: Bool
    let status: JobStatus
    let outcome: JobOutcome?
    let reason: String?
    let message: String?
    let createdAt: String
    let startedAt: String?
    let endedAt: String?
    let stages: [Stage]
    /// How many jobs there are.
    let jobs: Int

    /// Reads all that belongs to `workflow`.
    init(_ workflow: WorkflowRow, in snapshot: StoreSnapshot) throws {
        let declaration = try workflow.plan.map { plan in
            try JSONDecoder().decode(WorkflowDeclaration.self, from: Data(plan))
        }
        let stages = WorkflowStages(
            declaration, isOver: workflow.status == .end,
            rows: try snapshot.jobs(ofRun: workflow.uid)
        ).stages
        namespace = workflow.namespace
        name = workflow.name
        uid = workflow.uid
        run = declaration?.plan.run
        declared = declaration != nil
        status = workflow.status
        outcome = workflow.outcome
        reason = workflow.reason
        message = workflow.message
        createdAt = workflow.createdAt.description
        startedAt = workflow.startedAt?.description
        endedAt = workflow.endedAt?.description
        self.stages = stages
        jobs = stages.reduce(0) { $0 + $1.jobs.count }
    }
}

extension WorkflowDocument.Job {
    /// Describes the latest run of a job.
    init(_ row: JobRow, declared: WorkflowPlan.Job? = nil) {
        job = row.key.job
        uid = row.uid
        status = row.status
        outcome = row.outcome
        reason = row.reason
        message = row.message
        exitCode = row.exitCode
        attempt = row.attempt
        createdAt = row.createdAt.description
        startedAt = row.startedAt?.description
        endedAt = row.endedAt?.description
        needs = declared?.needs ?? []
        retries = declared?.retries ?? 0
    }
}
