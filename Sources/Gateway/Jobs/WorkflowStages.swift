import LogModel
import StatusModel
import Store

/// The stages of a run of a workflow: those of its plan first, then those of jobs that it does not
/// name.
struct WorkflowStages {
    /// The stages, each with its jobs.
    let stages: [WorkflowDocument.Stage]

    /// Sorts `rows`, given oldest first: of several runs of a job the latest counts. In a run that is
    /// over a stage that never began is canceled, as its jobs are.
    init(_ declaration: WorkflowDeclaration?, isOver: Bool, rows: [JobRow]) {
        var latest: [String: JobRow] = [:]
        var failures: [String: Int] = [:]
        for row in rows {
            latest[row.key.job] = row
            if row.outcome == .failure || row.outcome == .timeout {
                failures[row.key.job, default: 0] += 1
            }
        }
        guard let declaration else {
            stages = Self.seen(Array(latest.values))
            return
        }
        let plan = declaration.plan
        let retries = Dictionary(
            plan.jobs.map { ($0.job.name, $0.job.retries) }, uniquingKeysWith: { a, _ in a })
        let standing = WorkflowStanding(
            WorkflowGraph(plan), passed: declaration.passedBreaks
        ) { name in
            latest[name].map { row in
                JobStanding(
                    status: row.status, outcome: row.outcome, failures: failures[name] ?? 0,
                    retries: retries[name] ?? 0)
            } ?? .notBegun
        }
        let declared = zip(plan.stages.indices, standing.stages).map { index, standing in
            let stage = plan.stages[index]
            let isCanceled = isOver && standing.status != .end
            return WorkflowDocument.Stage(
                name: stage.name, type: stage.type, needs: plan.needs(ofStage: index),
                status: isCanceled ? .end : standing.status,
                outcome: isCanceled ? .canceled : standing.outcome,
                jobs: stage.jobs.compactMap { job in
                    latest.removeValue(forKey: job.name).map {
                        WorkflowDocument.Job($0, declared: job)
                    }
                })
        }
        stages = declared + Self.seen(Array(latest.values))
    }

    /// The stages of jobs that no plan names, in the order of their first jobs.
    private static func seen(_ rows: [JobRow]) -> [WorkflowDocument.Stage] {
        let jobs = rows.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        var names: [String] = []
        for job in jobs where !names.contains(job.stage ?? "") { names.append(job.stage ?? "") }
        return names.map { name in
            let members = jobs.filter { ($0.stage ?? "") == name }
            let status = status(of: members.map(\.status))
            return WorkflowDocument.Stage(
                name: name, type: .jobs, needs: [], status: status,
                outcome: status == .end
                    ? members.reduce(nil) { JobOutcome.worst($0, $1.outcome) } : nil,
                jobs: members.map { WorkflowDocument.Job($0) })
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
