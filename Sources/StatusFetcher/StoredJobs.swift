import Foundation
import LogModel
import Logging
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

    /// Opens the streams that the ends of these jobs wait for and that never were: the daemon was killed
    /// when a container had started and its turn to be followed had not come. Capture takes them up;
    /// where their Pods are gone it ends them with a gap record.
    static func openStreams(of jobs: [Stored], in store: Store, _ logger: Logger) async {
        do {
            let streams = try await store.read { try unopenedStreams(of: jobs, $0) }
            try await withThrowingDiscardingTaskGroup { group in
                for stream in streams {
                    group.addTask { _ = try await store.openStream(stream) }
                }
            }
        } catch {
            // A full disk must not keep the daemon from starting.
            logger.error(
                "Streams cannot be opened, the next start tries again",
                metadata: ["error": "\(error)"])
        }
    }

    private static func unopenedStreams(
        of jobs: [Stored], _ snapshot: StoreSnapshot
    ) throws -> [StreamDescriptor] {
        var unopened: [StreamDescriptor] = []
        for stored in jobs where stored.job.state.status != .end {
            let opened = Set(try snapshot.streams(ofJob: stored.row).map(\.id))
            for pod in try snapshot.pods(ofJob: stored.row) {
                for instance in stored.job.pods[pod.uid]?.instances ?? [] {
                    let id = StreamID(
                        podUID: pod.uid, container: instance.container, attempt: instance.attempt)
                    if opened.contains(id) { continue }
                    let container = pod.containers.first { $0.name == instance.container }
                    unopened.append(
                        StreamDescriptor(
                            id: id, namespace: pod.namespace, pod: pod.name,
                            kind: container?.kind ?? .main, job: stored.row))
                }
            }
        }
        return unopened
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
