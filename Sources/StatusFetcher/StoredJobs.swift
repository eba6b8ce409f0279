import Foundation
import LogModel
import Store

/// Reads back into a ``JobBook``'s terms what an earlier run of the daemon has stored.
enum StoredJobs {
    /// A job and its row.
    struct Stored: Sendable {
        let row: Int64
        let job: JobBook.Job
    }

    /// The jobs that have not ended, and the ended ones of which a Pod's object still existed.
    static func load(_ snapshot: StoreSnapshot) throws -> [Stored] {
        try snapshot.openJobs().map { row in
            var pods: [String: PodState] = [:]
            var present: Set<String> = []
            for pod in try snapshot.pods(ofJob: row.id) {
                guard let encoded = pod.state else { continue }
                pods[pod.uid] = try JSONDecoder().decode(PodState.self, from: Data(encoded))
                if pod.deletedAt == nil { present.insert(pod.uid) }
            }
            var state = JobState()
            state.status = row.status
            state.outcome = row.outcome
            state.reason = row.reason
            state.message = row.message
            state.exitCode = row.exitCode
            state.startedAt = row.startedAt
            state.endedAt = row.endedAt
            let rolled = JobState(pods.values)
            let isPending = state.status != .end && rolled.status == .end
            return Stored(
                row: row.id,
                job: JobBook.Job(
                    uid: row.uid, key: row.key, stage: row.stage, createdAt: row.createdAt,
                    state: state, pods: pods, present: present,
                    pendingEnd: isPending ? rolled : nil))
        }
    }
}
