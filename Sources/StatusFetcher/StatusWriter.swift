import Foundation
import LogModel
import StatusModel
import Store

/// Writes a ``JobBook``'s changes as rows and events, within one transaction.
///
/// | event | data |
/// | --- | --- |
/// | `podwire.job.status`, `podwire.workflow.status` | `from to reason message` |
/// | `podwire.job.end` | `outcome exitCode reason outputs lines bytes gaps`, and `outputsOmitted` |
///
/// `from` and `to` differ, but where a workflow is cancelled and not over at once: its engine is told
/// by the reason `Canceling` that the Pods of its jobs are to be deleted.
///
/// An end event has at most ``OutputLimits/endEventBytes`` of outputs, the smallest ones;
/// `outputsOmitted` names the keys of the others, and is absent where there are none.
/// Those of a job also have `uid`, which tells this run from others under the same name, and
/// `attempt`, which counts how often it has begun; those of a workflow `run`, and `outcome` at its end.
struct StatusWriter {
    /// What came of a transaction.
    struct Result: Sendable {
        /// The jobs' rows by their UID.
        var rows: [String: Int64] = [:]
        /// The UIDs of the jobs whose end was written.
        var ended: [String] = []
    }

    /// The data of a status event.
    struct StatusData: Encodable {
        var uid: String?
        var attempt: Int?
        var run: String?
        let from: JobStatus?
        let to: JobStatus
        var outcome: JobOutcome?
        let reason: String?
        let message: String?
    }

    /// The data of an end event.
    struct EndData: Encodable {
        let uid: String
        let attempt: Int
        let outcome: JobOutcome?
        let exitCode: Int?
        let reason: String?
        let outputs: [String: String]
        let outputsBase64: [String: String]?
        let outputsOmitted: [String]?
        let lines: Int64
        let bytes: Int64
        let gaps: Int
    }

    private let transaction: StoreTransaction
    private var result = Result()

    init(_ transaction: StoreTransaction) {
        self.transaction = transaction
    }

    /// Writes the changes in order; ends only where every log of the job is complete.
    mutating func write(_ changes: [JobBook.Change]) throws -> Result {
        var ended: Set<String> = []
        for change in changes {
            switch change {
            case .job(let job, let moved):
                let row = try upsert(job, state: job.state)
                if let moved { try event(for: job, moved, state: job.state) }
                result.rows[job.uid] = row
            case .pod(let pod, let jobUID, let state, let deletedAt):
                try write(pod, jobUID: jobUID, state: state, deletedAt: deletedAt)
            case .workflow(let workflow, let moved): try write(workflow, moved)
            case .end(let job, let state):
                if !ended.contains(job.uid), try end(job, state) { ended.insert(job.uid) }
            }
        }
        result.ended = ended.sorted()
        return result
    }

    /// Writes what clients of Kubernetes are shown of the Pods.
    func write(_ objects: [PodObjects.Change]) throws {
        for change in objects {
            switch change {
            case .stored(let object): try transaction.store(object)
            case .gone(let uid, let time): try transaction.markGone(podUID: uid, at: time)
            }
        }
    }

    private func upsert(_ job: JobBook.Job, state: JobState) throws -> Int64 {
        var row = JobRow(
            uid: job.uid, key: job.key, status: state.status, createdAt: job.createdAt ?? .now)
        row.stage = job.stage
        row.outcome = state.outcome
        row.reason = state.reason
        row.message = state.message
        row.exitCode = state.exitCode
        row.startedAt = state.startedAt
        row.endedAt = state.endedAt
        row.run = job.workflow
        row.attempt = job.attempt
        row.owner = try job.owner.map { Array(try JSONEncoder().encode($0)) }
        row.isOwnerPresent = job.owner?.isPresent == true
        return try transaction.upsert(row)
    }

    private func event(for job: JobBook.Job, _ move: JobBook.Move, state: JobState) throws {
        _ = try transaction.append(
            event: .jobStatus, key: job.key,
            data: StatusData(
                uid: job.uid, attempt: job.attempt, from: move.from, to: move.to,
                reason: state.reason, message: state.message))
    }

    private func write(
        _ pod: SeenPod, jobUID: String, state: PodState, deletedAt: LogTime?
    ) throws {
        let encoded = Array(try JSONEncoder().encode(state))
        guard let details = pod.details else {
            // Only its absence was seen: the stored row says the rest.
            if var row = try transaction.pod(uid: pod.uid) {
                row.deletedAt = deletedAt
                row.state = encoded
                try transaction.upsert(row)
            }
            return
        }
        var row = PodRow(
            uid: pod.uid, namespace: details.namespace, name: details.name,
            job: try result.rows[jobUID] ?? transaction.job(uid: jobUID)?.id, node: details.node,
            phase: details.phase, createdAt: details.createdAt ?? .now, deletedAt: deletedAt,
            defaultContainer: details.defaultContainer,
            containers: details.containers.map { ContainerRow(name: $0.name, kind: $0.kind) })
        row.state = encoded
        try transaction.upsert(row)
    }

    private func write(_ workflow: WorkflowState, _ move: JobBook.Move?) throws {
        var row = WorkflowRow(
            uid: workflow.uid, namespace: workflow.namespace, name: workflow.name,
            status: workflow.status, createdAt: workflow.createdAt ?? .now)
        row.outcome = workflow.outcome
        row.reason = workflow.reason
        row.message = workflow.message
        row.plan = try workflow.declaration.map { Array(try JSONEncoder().encode($0)) }
        row.startedAt = workflow.startedAt
        row.endedAt = workflow.status == .end ? workflow.endedAt ?? .now : nil
        _ = try transaction.upsert(row)
        guard let move else { return }
        _ = try transaction.append(
            event: .workflowStatus,
            key: JobKey(namespace: workflow.namespace, workflow: workflow.name, job: ""),
            data: StatusData(
                run: workflow.declaration?.plan.run, from: move.from, to: move.to,
                outcome: workflow.outcome, reason: workflow.reason, message: workflow.message))
    }

    /// Writes a job's end: once, and only when all its logs are complete that are part of its work.
    /// Those of containers that do not count and run on after it are not waited for.
    private mutating func end(_ job: JobBook.Job, _ state: JobState) throws -> Bool {
        guard let stored = try transaction.job(uid: job.uid), stored.status != .end else {
            return false
        }
        // Asked again at each end of one of the logs, which may be ten thousand.
        let hasTrailing = job.pods.states.values.contains { $0.trailing?.isEmpty == false }
        if !hasTrailing, try transaction.hasLiveStream(ofJob: stored.id) { return false }
        let streams = try transaction.streams(ofJob: stored.id).filter {
            job.pods[$0.id.podUID]?.trailing?.contains($0.id.container) != true
        }
        let complete = Set(streams.lazy.filter { $0.state == .ended }.map(\.id))
        guard complete.count == streams.count else { return false }
        for (uid, pod) in job.pods.states {
            for instance in pod.instances where pod.trailing?.contains(instance.container) != true {
                let id = StreamID(
                    podUID: uid, container: instance.container, attempt: instance.attempt)
                if !complete.contains(id) { return false }
            }
        }
        _ = try upsert(job, state: state)
        try event(for: job, JobBook.Move(from: stored.status, to: .end), state: state)
        let totals = try transaction.totals(ofJob: stored.id)
        var outputs: [String: String] = [:]
        var base64: [String: String] = [:]
        let bounded = try transaction.outputs(
            ofJob: stored.id, upTo: OutputLimits.endEventBytes)
        for output in bounded.outputs {
            if let text = String(validating: output.value, as: UTF8.self) {
                outputs[output.key] = text
            } else {
                base64[output.key] = Data(output.value).base64EncodedString()
            }
        }
        _ = try transaction.append(
            event: .jobEnd, key: job.key,
            data: EndData(
                uid: job.uid, attempt: job.attempt, outcome: state.outcome,
                exitCode: state.exitCode,
                reason: state.reason,
                outputs: outputs, outputsBase64: base64.isEmpty ? nil : base64,
                outputsOmitted: bounded.omitted.isEmpty ? nil : bounded.omitted,
                lines: totals.lines, bytes: totals.bytes, gaps: totals.gaps))
        return true
    }
}
