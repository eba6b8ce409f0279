import Foundation
import LogModel
import StatusModel
import Store

/// Reads back into a ``JobBook``'s terms what an earlier run of the daemon has stored.
enum StoredJobs {
    /// A job and its row.
    struct Stored: Sendable {
        let row: Int64
        let job: JobBook.Job
    }

    /// The workflows that are not over, and those of the jobs below.
    static func workflows(_ snapshot: StoreSnapshot) throws -> [WorkflowState] {
        try snapshot.openWorkflows().map(state)
    }

    /// A stored workflow.
    static func state(_ row: WorkflowRow) throws -> WorkflowState {
        var state = WorkflowState(uid: row.uid, namespace: row.namespace, name: row.name)
        state.status = row.status
        state.outcome = row.outcome
        state.reason = row.reason
        state.message = row.message
        state.createdAt = row.createdAt
        state.startedAt = row.startedAt
        state.endedAt = row.endedAt
        state.declaration = try row.plan.map { plan in
            try JSONDecoder().decode(WorkflowDeclaration.self, from: Data(plan))
        }
        return state
    }

    /// The jobs that have not ended, the ended ones of which a Pod or Job still existed, and all of
    /// workflows that are not over.
    static func jobs(_ snapshot: StoreSnapshot) throws -> [Stored] {
        try snapshot.openJobs().map { try stored($0, snapshot) }
    }

    /// The jobs of these UIDs that are stored, with the runs of their workflows.
    static func jobs(
        _ uids: some Sequence<String>, _ snapshot: StoreSnapshot
    ) throws -> [(stored: Stored, workflow: WorkflowState?)] {
        try uids.compactMap { uid in
            guard let row = try snapshot.job(uid: uid) else { return nil }
            let stored = try stored(row, snapshot)
            return (stored, try snapshot.workflow(uid: stored.job.workflow).map(state))
        }
    }

    private static func stored(_ row: JobRow, _ snapshot: StoreSnapshot) throws -> Stored {
        var job = JobBook.Job(
            uid: row.uid, key: row.key, workflow: row.run ?? row.uid, stage: row.stage)
        for pod in try snapshot.pods(ofJob: row.id) {
            guard let encoded = pod.state else { continue }
            job.pods.put(
                try JSONDecoder().decode(PodState.self, from: Data(encoded)), pod.uid)
            if pod.deletedAt == nil { job.present.insert(pod.uid) }
        }
        job.createdAt = row.createdAt
        job.state.status = row.status
        job.state.outcome = row.outcome
        job.state.reason = row.reason
        job.state.message = row.message
        job.state.exitCode = row.exitCode
        job.state.startedAt = row.startedAt
        job.state.endedAt = row.endedAt
        job.attempt = row.attempt
        job.owner = try row.owner.map { owner in
            try JSONDecoder().decode(JobOwner.self, from: Data(owner))
        }
        return Stored(row: row.id, job: job)
    }
}
