package import LogModel

/// The controller of one Job: a pure state machine that looks at the Job's Pods and says what to do.
///
/// | state | can move to | when |
/// | --- | --- | --- |
/// | active | active | a Pod ended: it is counted, and another takes its place after the back-off |
/// | active | suspended | `spec.suspend`: its Pods are deleted and not counted |
/// | suspended | active | no longer: `startTime` starts again |
/// | active | met | enough Pods have succeeded, and none is active |
/// | active | doomed | too many Pods failed, or too much time: its Pods are deleted, as failed |
/// | met, doomed | finished | the last Pod is over; without interim conditions at once |
/// | finished | deleting | `ttlSecondsAfterFinished` has passed |
///
/// A look at unchanged Pods changes nothing. Not simulated: `podFailurePolicy`, `successPolicy`,
/// `backoffLimitPerIndex`, `podReplacementPolicy: Failed`; a Job that asks for them is refused.
package struct JobMachine: Sendable {
    /// What the controller does.
    package enum Action: Sendable, Equatable {
        /// Create a Pod, with a completion index if the Job has them.
        case create(index: Int?)
        /// Delete a Pod.
        case delete(ObjectKey)
        /// Remove the Job: its deletion is complete.
        case remove
    }

    private enum Verdict {
        case success
        case failure(reason: String, message: String)
    }

    /// What the Job asks for; may be changed between two looks.
    package var spec: JobSpec
    /// What the controller has found.
    package private(set) var status = JobObjectStatus()
    /// When the Job is to be removed once its Pods are gone (foreground deletion).
    package private(set) var deletion: LogTime?
    /// When to look again, even if nothing happens to a Pod.
    package private(set) var next: LogTime?

    private let hasInterimConditions: Bool
    private var verdict: Verdict?
    /// Pods that were seen and have not ended, by UID.
    private var open: Set<String> = []
    /// Pods that have been counted, or are never to be.
    private var settled: Set<String> = []
    private var failuresInARow = 0
    private var lastFailure: LogTime?

    /// The controller of a Job that was just created.
    package init(_ spec: JobSpec, hasInterimConditions: Bool = true) {
        self.spec = spec
        self.hasInterimConditions = hasInterimConditions
    }

    /// Asks for the Job's removal once its Pods are gone.
    package mutating func delete(at now: LogTime) {
        deletion = deletion ?? now
    }

    /// Looks at all the Pods of the Job that there are.
    package mutating func look(at pods: [JobPod], now: LogTime) -> [Action] {
        next = nil
        if let finishedAt = status.finishedAt, let keptFor = spec.keptFor, deletion == nil {
            if now < finishedAt + keptFor {
                next = finishedAt + keptFor
            } else {
                deletion = now
            }
        }
        guard deletion == nil else { return removal(pods) }
        guard status.finishedAt == nil else { return [] }
        if status.startTime == nil, !spec.isSuspended { status.startTime = now }
        count(pods, now)
        var active = pods.filter(\.isActive)
        var actions: [Action] = []
        if verdict == nil, let failure = failure(active, now) {
            verdict = failure
            for pod in active { settle(pod.uid) }
            status.failed += active.count
            actions = active.map { .delete($0.key) }
            active = []
        } else if verdict == nil {
            actions = manage(&active, now)
            if isMet, active.isEmpty, actions.isEmpty { verdict = .success }
            if verdict == nil { noteSuspension(now) }
        }
        let created = actions.count { if case .create = $0 { true } else { false } }
        status.active = active.count + created
        status.ready = active.count(where: \.isReady)
        status.terminating =
            pods.count { $0.isTerminating && !$0.isOver } + actions.count - created
        if let verdict { conclude(verdict, now) }
        return actions
    }

    private func removal(_ pods: [JobPod]) -> [Action] {
        pods.isEmpty ? [.remove] : pods.filter { !$0.isTerminating }.map { .delete($0.key) }
    }

    // MARK: - Counting

    /// Counts each Pod that has ended, once. One that was told to go by someone else, or is gone
    /// without having ended, has failed.
    private mutating func count(_ pods: [JobPod], _ now: LogTime) {
        let ended = pods.filter { !settled.contains($0.uid) && !$0.isActive }
            .sorted { ($0.endedAt ?? now) < ($1.endedAt ?? now) }
        for pod in ended {
            settle(pod.uid)
            if pod.phase == .succeeded {
                succeed(pod)
            } else {
                fail(at: pod.endedAt ?? now)
            }
        }
        let there = Set(pods.map(\.uid))
        for uid in open.subtracting(there) {
            settle(uid)
            fail(at: now)
        }
        open.formUnion(there.subtracting(settled))
    }

    private mutating func settle(_ uid: String) {
        settled.insert(uid)
        open.remove(uid)
    }

    private mutating func succeed(_ pod: JobPod) {
        if spec.isIndexed {
            if let index = pod.index { status.completedIndexes.insert(index) }
            status.succeeded = status.completedIndexes.count
        } else {
            status.succeeded += 1
        }
        failuresInARow = 0
        lastFailure = nil
    }

    private mutating func fail(at time: LogTime) {
        status.failed += 1
        failuresInARow += 1
        lastFailure = time
    }

    // MARK: - Deciding

    private var isMet: Bool {
        status.succeeded >= (spec.completions ?? 1)
    }

    private mutating func failure(_ active: [JobPod], _ now: LogTime) -> Verdict? {
        let restarts = active.reduce(0) { $0 + $1.restarts }
        let isRestartedTooOften =
            spec.restartsContainers && restarts > 0 && restarts >= spec.backoffLimit
        if status.failed > spec.backoffLimit || isRestartedTooOften {
            return .failure(
                reason: "BackoffLimitExceeded",
                message: "Job has reached the specified backoff limit")
        }
        guard let deadline = spec.deadline, !spec.isSuspended, let start = status.startTime else {
            return nil
        }
        if now >= start + deadline {
            return .failure(
                reason: "DeadlineExceeded",
                message: "Job was active longer than specified deadline")
        }
        next = start + deadline
        return nil
    }

    /// Creates or deletes Pods, so that as many are active as should be; `active` loses those that
    /// are deleted.
    private mutating func manage(_ active: inout [JobPod], _ now: LogTime) -> [Action] {
        var wanted = spec.parallelism
        if spec.isSuspended {
            wanted = 0
        } else if let completions = spec.completions {
            wanted = max(0, min(spec.parallelism, completions - status.succeeded))
        } else if status.succeeded > 0 {
            wanted = active.count
        }
        if active.count > wanted {
            // Those that have not started go first, then the youngest.
            active.sort { ($0.isReady ? 0 : 1, $0.created) < ($1.isReady ? 0 : 1, $1.created) }
            let surplus = active.suffix(active.count - wanted)
            active.removeLast(surplus.count)
            for pod in surplus { settle(pod.uid) }
            return surplus.map { .delete($0.key) }
        }
        guard active.count < wanted else { return [] }
        if let lastFailure, failuresInARow > 0 {
            let factor = min(100, 1 << min(failuresInARow - 1, 7))
            let due = lastFailure + .nanoseconds(spec.backoff.nanoseconds * Int64(factor))
            guard now >= due else {
                next = min(next ?? due, due)
                return []
            }
        }
        let missing = wanted - active.count
        guard spec.isIndexed else { return Array(repeating: .create(index: nil), count: missing) }
        let taken = status.completedIndexes.union(active.compactMap(\.index))
        return (0..<(spec.completions ?? 0)).lazy.filter { !taken.contains($0) }.prefix(missing)
            .map { .create(index: $0) }
    }

    private mutating func noteSuspension(_ now: LogTime) {
        if spec.isSuspended {
            status.set("Suspended", "JobSuspended", "Job suspended", at: now)
            // As from 1.35 on. Before, a Job whose deadline passed meanwhile failed when resumed.
            status.startTime = nil
        } else {
            status.set("Suspended", "JobResumed", "Job resumed", isTrue: false, at: now)
        }
    }

    /// Writes down how the Job ends: first that it will, then that it has.
    private mutating func conclude(_ verdict: Verdict, _ now: LogTime) {
        let (interim, final, reason, message) =
            switch verdict {
            case .success where !hasInterimConditions: ("", "Complete", "", "")
            case .success:
                (
                    "SuccessCriteriaMet", "Complete", "CompletionsReached",
                    "Reached expected number of succeeded pods"
                )
            case .failure(let reason, let message): ("FailureTarget", "Failed", reason, message)
            }
        if hasInterimConditions {
            if !status.holds(interim) {
                status.set(interim, reason, message, at: now)
                next = now
                return
            }
            guard status.terminating == 0 else { return }
        }
        status.set(final, reason, message, at: now)
        if final == "Complete" { status.completionTime = now }
        next = spec.keptFor.map { now + $0 }
    }
}
