package import LogModel
import StatusModel

/// The jobs and workflows that are not over, and the Pods and Jobs that still exist, in memory.
///
/// A pure value: it takes what the watches saw and what engines declare, and returns what is to be
/// written, in order. Memory is bounded by the Pods and Jobs in the cluster, the jobs that have not
/// ended and the plans of their workflows: a job leaves the book with the last of its objects.
package struct JobBook: Sendable {
    /// A job in the book.
    package struct Job: Sendable, Equatable {
        /// Identifies this run of the job: the UID of the owning Job, else of its first Pod; for a
        /// declared job its workflow's and its name.
        package let uid: String
        /// Namespace, workflow and job.
        package let key: JobKey
        /// The run of the workflow that it belongs to.
        package var workflow: String
        /// The stage within the workflow.
        package var stage: String?
        /// When it was declared, or its first object was created.
        package var createdAt: LogTime?
        /// What was written last.
        package var state = JobState()
        /// Counts how often it has begun: up when it is tried again after it has ended.
        package var attempt = 1
        /// Its Pods.
        package var pods = JobPods()
        /// Pods whose objects still exist.
        package var present: Set<String> = []
        /// The Job that owns the Pods.
        package var owner: JobOwner?
        /// How the job has ended, from the moment that its Pods or its Job said so until its logs
        /// are complete and the end is written.
        package var pendingEnd: JobState?

        /// Whether nothing of it has been seen: it was only declared.
        package var isOnlyDeclared: Bool {
            pods.isEmpty && owner == nil && state.status != .end
        }
    }

    /// One thing to write. Changes are written in the order in which they are returned.
    package enum Change: Sendable, Equatable {
        /// A Pod's row: its identity, its state, and whether its object is gone.
        case pod(SeenPod, jobUID: String, state: PodState, deletedAt: LogTime?)
        /// A job's row, without its Pods, and its status event when `from` says that the status
        /// moved.
        case job(Job, moved: Move?)
        /// A job is over: its end is written as soon as its logs are complete.
        case end(Job, JobState)
        /// A workflow's row, and its status event when its status moved.
        case workflow(WorkflowState, moved: Move?)

        /// The job that it is about; `nil` for a workflow's.
        var jobUID: String? {
            switch self {
            case .pod(_, let uid, _, _): uid
            case .job(let job, _), .end(let job, _): job.uid
            case .workflow: nil
            }
        }
    }

    /// A move from one status to the next; `from` is `nil` for the first sight.
    package struct Move: Sendable, Equatable {
        /// The status before.
        package var from: JobStatus?
        /// The status after.
        package var to: JobStatus
    }

    let mapping: JobMapping
    /// Whether a Job is a job before a Pod of it was seen. Not so where Pods are selected by labels:
    /// then only the Pods tell which Jobs are meant.
    let takesJobsAlone: Bool
    var jobs: [String: Job] = [:]
    var jobOfPod: [String: String] = [:]
    /// The run of each Job that is in the book, by the Job's UID.
    var jobOfOwner: [String: String] = [:]
    /// The latest run of each job that has not ended.
    var runOfKey: [JobKey: String] = [:]
    /// Jobs that exist and of which no Pod was seen, where those do not count, with their namespace.
    var objectsAlone: [String: (namespace: String, object: JobObject)] = [:]
    /// The namespaces (`nil`: all) in which Jobs cannot be watched.
    var withoutJobs: Set<String?> = []
    var workflows = WorkflowBook()

    /// An empty book.
    package init(mapping: JobMapping, takesJobsAlone: Bool = true) {
        self.mapping = mapping
        self.takesJobsAlone = takesJobsAlone
    }

    /// Puts back a workflow that was stored, before its jobs.
    package mutating func restore(_ workflow: WorkflowState) {
        workflows.restore(workflow)
    }

    /// Puts back what was stored of a job: called at start, before anything is observed.
    package mutating func restore(_ job: Job) {
        workflows.restore(job)
        guard job.state.status != .end || !job.present.isEmpty || job.owner?.isPresent == true
        else {
            workflows.forget(job)
            return
        }
        var job = job
        if job.state.status != .end {
            let rolled = JobState(job.pods, owner: owner(of: job))
            if rolled.status == .end { job.pendingEnd = rolled }
        }
        jobs[job.uid] = job
        for uid in job.pods.states.keys { jobOfPod[uid] = job.uid }
        if let owner = job.owner { jobOfOwner[owner.uid] = job.uid }
        if job.state.status != .end { runOfKey[job.key] = job.uid }
    }

    /// Takes back a stored job that had left the book, because something of it may be seen again. It
    /// leaves the book anew with ``forgetIfGone(_:)`` where that is not so.
    package mutating func recall(_ job: Job, of workflow: WorkflowState?) {
        guard jobs[job.uid] == nil else { return }
        if let workflow { workflows.recall(workflow) }
        workflows.restore(job)
        jobs[job.uid] = job
        for uid in job.pods.states.keys { jobOfPod[uid] = job.uid }
        if let owner = job.owner { jobOfOwner[owner.uid] = job.uid }
    }

    /// Whether a job has left the book, or was never in it.
    package func isUnknown(_ uid: String) -> Bool {
        jobs[uid] == nil && jobOfOwner[uid] == nil
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

    /// The jobs that are over and whose end is not written yet.
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
        let changes = follow(workflows.update(job))
        forgetIfGone(uid)
        return changes
    }

    // MARK: - Steps that all inputs share

    /// Finds the run that an object belongs to, or begins one.
    ///
    /// - Returns: its UID, and whether it is new.
    mutating func run(
        for membership: JobMapping.Membership, uid: String, name: String, createdAt: LogTime?
    ) -> (uid: String, isNew: Bool) {
        if let known = membership.owner.flatMap({ jobOfOwner[$0.uid] }) { return (known, false) }
        if let open = runOfKey[membership.key], let job = jobs[open] {
            if job.isOnlyDeclared {
                // The declared job is the one that begins now.
                adopt(membership.owner, into: open)
                return (open, false)
            }
            // A Pod without an owner joins the run of its job that has not ended. But a Pod whose
            // job has the Pod's own name is another run than an earlier Pod of that name, whose log
            // may still be read.
            if membership.owner == nil && membership.key.job != name { return (open, false) }
        }
        let run = membership.owner?.uid ?? uid
        var job = Job(
            uid: run, key: membership.key,
            workflow: workflows.run(of: membership.key, isAlone: membership.isAlone, jobUID: run),
            stage: membership.stage)
        job.createdAt = createdAt
        job.stage = job.stage ?? workflows.stage(of: job)
        job.attempt += workflows.ends(of: job)
        jobs[run] = job
        adopt(membership.owner, into: run)
        return (run, true)
    }

    /// Notes which Job owns the Pods of a job.
    private mutating func adopt(_ owner: JobOwner?, into uid: String) {
        guard var owner else { return }
        owner.object = objectsAlone.removeValue(forKey: owner.uid)?.object
        owner.isPresent = owner.object != nil
        jobs[uid]?.owner = owner
        jobOfOwner[owner.uid] = uid
    }

    /// Rolls a job up again and says what has changed, with a Pod's own change in its place.
    ///
    /// - Parameters:
    ///   - uid: the job.
    ///   - isNew: whether it has just begun.
    ///   - isRowChanged: whether its row is to be written even if its state is the same.
    ///   - pod: the change of a Pod, whose row comes behind the job's.
    /// - Returns: what is to be written.
    mutating func refresh(
        _ uid: String, isNew: Bool = false, isRowChanged: Bool = false, pod: Change? = nil
    ) -> [Change] {
        guard var job = jobs[uid] else { return pod.map { [$0] } ?? [] }
        let before = job
        let rolled = JobState(job.pods, owner: owner(of: job))
        if rolled.status == .end {
            job.pendingEnd = before.state.status == .end ? nil : rolled
        } else if !job.pods.isEmpty || job.owner != nil {
            job.pendingEnd = nil
            if before.state.status == .end { job.attempt += 1 }
            let isMove =
                before.state.status == .end
                || StatusMoves.isAllowed(from: before.state.status, to: rolled.status)
            job.state = rolled
            // On its way to the end a job does not go back.
            if !isMove { job.state.status = before.state.status }
            runOfKey[job.key] = uid
        }
        jobs[uid] = job
        let moved =
            isNew || job.state.status != before.state.status
            ? Move(from: isNew ? nil : before.state.status, to: job.state.status) : nil
        var changes: [Change] = []
        if moved != nil || job.state != before.state || isRowChanged {
            var row = job
            // The Pods have rows of their own; held here they would be copied at their next change.
            row.pods = JobPods()
            changes.append(.job(row, moved: moved))
        }
        if let pod { changes.append(pod) }
        if moved != nil { changes += follow(workflows.update(job)) }
        if let end = job.pendingEnd { changes.append(.end(job, end)) }
        if job.pendingEnd == nil { forgetIfGone(uid) }
        return changes
    }

    /// Turns what came of a workflow into changes: its row and move, and the ends of jobs that never
    /// began.
    mutating func follow(_ result: WorkflowBook.Result) -> [Change] {
        result.notBegun.flatMap { end($0.uid, reason: $0.reason, message: $0.message) }
            + result.changes
    }

    /// Ends a job that has not begun and never will.
    private mutating func end(_ uid: String, reason: String, message: String) -> [Change] {
        guard var job = jobs[uid], job.isOnlyDeclared, job.pendingEnd == nil else { return [] }
        var state = job.state
        state.status = .end
        state.outcome = .canceled
        state.reason = reason
        state.message = message
        job.pendingEnd = state
        jobs[uid] = job
        runOfKey[job.key] = nil
        return [.end(job, state)]
    }

    /// What decides over the job's Pods.
    private func owner(of job: Job) -> JobState.Owner {
        guard let owner = job.owner, !owner.isAbsent else { return .none }
        let isWatched = !withoutJobs.contains(nil) && !withoutJobs.contains(job.key.namespace)
        if let object = owner.object, isWatched || object.isFinished { return .seen(object) }
        return isWatched ? .unseen : .none
    }

    /// Drops a job that is over and has no object in the cluster any more.
    package mutating func forgetIfGone(_ uid: String) {
        guard let job = jobs[uid], job.state.status == .end, job.pendingEnd == nil,
            job.present.isEmpty, job.owner?.isPresent != true
        else { return }
        for pod in job.pods.states.keys { jobOfPod[pod] = nil }
        if let owner = job.owner { jobOfOwner[owner.uid] = nil }
        jobs[uid] = nil
        if runOfKey[job.key] == uid { runOfKey[job.key] = nil }
        workflows.forget(job)
    }
}
