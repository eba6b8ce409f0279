package import Kubernetes
package import LogModel

/// The jobs and workflows that are not over, and the Pods that still exist, in memory.
///
/// A pure value: ``observe(_:at:)`` takes what the watch saw and returns what is to be written, in
/// order. Memory is bounded by the Pods in the cluster and the jobs that have not ended: a job
/// leaves the book with the last of its Pods.
package struct JobBook: Sendable {
    /// A job in the book.
    package struct Job: Sendable, Equatable {
        /// Identifies this run of the job: the UID of the owning Job, else of its first Pod.
        package let uid: String
        /// Namespace, workflow and job.
        package let key: JobKey
        /// The stage within the workflow.
        package var stage: String?
        /// When its first Pod was created.
        package var createdAt: LogTime?
        /// What was written last.
        package var state: JobState
        /// The Pods' states by their UID.
        package var pods: [String: PodState]
        /// Pods whose objects still exist.
        package var present: Set<String>
        /// How the job has ended, from the moment that its Pods said so until its logs are
        /// complete and the end is written.
        package var pendingEnd: JobState?
    }

    /// One thing to write. Changes are written in the order in which they are returned.
    package enum Change: Sendable, Equatable {
        /// A Pod's row: its identity, its state, and whether its object is gone.
        case pod(SeenPod, jobUID: String, state: PodState, deletedAt: LogTime?)
        /// A job's row, and its status event when `from` says that the status moved.
        case job(Job, moved: Move?)
        /// A job's Pods are over: its end is written as soon as its logs are complete.
        case end(Job, JobState)
        /// A workflow's row, and its status event.
        case workflow(WorkflowState, moved: Move)
    }

    /// A move from one status to the next; `from` is `nil` for the first sight.
    package struct Move: Sendable, Equatable {
        /// The status before.
        package var from: JobStatus?
        /// The status after.
        package var to: JobStatus
    }

    private let mapping: JobMapping
    private(set) var jobs: [String: Job] = [:]
    private var jobOfPod: [String: String] = [:]
    private var runOfKey: [JobKey: String] = [:]
    private var workflows = WorkflowBook()

    /// An empty book.
    package init(mapping: JobMapping) {
        self.mapping = mapping
    }

    /// Puts back what was stored: called at start, before anything is observed.
    package mutating func restore(_ job: Job) {
        jobs[job.uid] = job
        for uid in job.pods.keys { jobOfPod[uid] = job.uid }
        if job.state.status != .end { runOfKey[job.key] = job.uid }
        workflows.restore(job)
    }

    /// Takes in a sight of a Pod.
    package mutating func observe(_ pod: Pod) -> [Change] {
        let membership = mapping.membership(of: pod)
        return record(
            pod, state: PodState(pod, membership),
            membership: membership, deletedAt: nil)
    }

    /// Takes in that a Pod's object is gone; `pod` is its last known state.
    package mutating func observeDeletion(of pod: Pod, at time: LogTime) -> [Change] {
        let membership = mapping.membership(of: pod)
        let state = PodState(pod, membership).deleted(at: time)
        return record(pod, state: state, membership: membership, deletedAt: time)
    }

    /// Takes in that Pods which were known are not in the cluster any more, as a list has shown.
    package mutating func observeAbsence(
        of uids: some Sequence<String>, at time: LogTime
    ) -> [Change] {
        uids.sorted().flatMap { uid -> [Change] in
            guard let jobUID = jobOfPod[uid], let state = jobs[jobUID]?.pods[uid] else { return [] }
            return settle(
                SeenPod(uid: uid), jobUID: jobUID, state: state.deleted(at: time),
                deletedAt: time)
        }
    }

    /// The Pods whose objects are taken to exist, in a namespace or in all.
    package func presentPods(in namespace: String?) -> Set<String> {
        var uids: Set<String> = []
        for job in jobs.values where namespace == nil || job.key.namespace == namespace {
            uids.formUnion(job.present)
        }
        return uids
    }

    /// The run that a Pod belongs to.
    package func job(ofPod uid: String) -> Job? {
        jobOfPod[uid].flatMap { jobs[$0] }
    }

    /// The jobs whose Pods are over and whose end is not written yet.
    package var pendingEnds: [(job: Job, state: JobState)] {
        jobs.values.compactMap { job in job.pendingEnd.map { (job, $0) } }
    }

    /// Takes in that a job's end has been written, which may end its workflow.
    package mutating func ended(_ uid: String) -> [Change] {
        guard var job = jobs[uid], let end = job.pendingEnd else { return [] }
        job.state = end
        job.pendingEnd = nil
        jobs[uid] = job
        if runOfKey[job.key] == uid { runOfKey[job.key] = nil }
        let changes = workflows.update(job)
        forgetIfGone(uid)
        return changes
    }

    private mutating func record(
        _ pod: Pod, state: PodState, membership: JobMapping.Membership, deletedAt: LogTime?
    ) -> [Change] {
        let uid = pod.metadata.uid
        let jobUID = jobOfPod[uid] ?? membership.ownerUID ?? run(pod, membership.key) ?? uid
        if jobs[jobUID] == nil {
            jobs[jobUID] = Job(
                uid: jobUID, key: membership.key, stage: membership.stage,
                createdAt: pod.metadata.creationTimestamp, state: JobState(), pods: [:],
                present: [])
        }
        return settle(SeenPod(pod), jobUID: jobUID, state: state, deletedAt: deletedAt)
    }

    /// The run that a Pod without an owner joins: the one of its job that has not ended. But a Pod
    /// whose job has the Pod's own name is another run than an earlier Pod of that name, whose log
    /// may still be read.
    private func run(_ pod: Pod, _ key: JobKey) -> String? {
        key.job == pod.metadata.name ? nil : runOfKey[key]
    }

    /// Puts a Pod's state into its job and says what has changed.
    private mutating func settle(
        _ pod: SeenPod, jobUID: String, state: PodState, deletedAt: LogTime?
    ) -> [Change] {
        guard var job = jobs[jobUID] else { return [] }
        let isNew = job.pods.isEmpty
        let known = job.pods[pod.uid]
        // A Pod's end is final: its object may change on its way out, its outcome does not.
        let state = known?.hasEnded == true ? known ?? state : state
        let wasPresent = job.present.contains(pod.uid)
        job.pods[pod.uid] = state
        if deletedAt == nil { job.present.insert(pod.uid) } else { job.present.remove(pod.uid) }
        jobOfPod[pod.uid] = jobUID
        var changes: [Change] = []
        let rolled = JobState(job.pods.values)
        let before = job.state
        if rolled.status == .end {
            job.pendingEnd = before.status == .end ? nil : rolled
        } else {
            job.pendingEnd = nil
            // On its way to the end a job does not go back; a new Pod of an ended job is a new try.
            let isBackwards =
                before.status != .end
                && JobState.progress(rolled.status) < JobState.progress(before.status)
            job.state = rolled
            if isBackwards { job.state.status = before.status }
            runOfKey[job.key] = jobUID
        }
        jobs[jobUID] = job
        let moved =
            isNew || job.state.status != before.status
            ? Move(from: isNew ? nil : before.status, to: job.state.status) : nil
        if moved != nil || job.state != before || isNew { changes.append(.job(job, moved: moved)) }
        if known != state || deletedAt != nil || !wasPresent {
            changes.append(.pod(pod, jobUID: jobUID, state: state, deletedAt: deletedAt))
        }
        if moved != nil { changes += workflows.update(job) }
        if let end = job.pendingEnd { changes.append(.end(job, end)) }
        if job.pendingEnd == nil { forgetIfGone(jobUID) }
        return changes
    }

    /// Drops a job that is over and has no Pod in the cluster any more.
    private mutating func forgetIfGone(_ uid: String) {
        guard let job = jobs[uid], job.state.status == .end, job.pendingEnd == nil,
            job.present.isEmpty
        else { return }
        for pod in job.pods.keys { jobOfPod[pod] = nil }
        jobs[uid] = nil
        if runOfKey[job.key] == uid { runOfKey[job.key] = nil }
        workflows.forget(job)
    }
}
