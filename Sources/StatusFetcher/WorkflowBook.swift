import LogModel
import StatusModel

/// The workflows of the jobs in a ``JobBook``, and those that were declared and are not over.
///
/// Where an engine has declared a workflow its plan says when it is over. Of any other workflow the
/// end is only the end of all jobs seen so far: one whose next job comes later goes from `end` back
/// to `running`. A job alone is a workflow of its own, whose runs are the job's runs.
struct WorkflowBook: Sendable {
    /// What came of an input.
    struct Result {
        /// The workflow's row and move.
        var changes: [JobBook.Change] = []
        /// Declared jobs that have not begun and never will.
        var notBegun: [(uid: String, reason: String, message: String)] = []
    }

    /// Why a job has ended that was taken out of its workflow's plan.
    static let dropReason = "NotDeclared"

    struct Name: Hashable {
        let namespace: String
        let workflow: String
    }

    /// The runs by their UID.
    var runs: [String: WorkflowRun] = [:]
    /// The run that the next job of a name belongs to.
    var current: [Name: String] = [:]

    /// Puts back a stored workflow.
    mutating func restore(_ state: WorkflowState) {
        runs[state.uid] = WorkflowRun(state: state)
        current[Name(namespace: state.namespace, workflow: state.name)] = state.uid
    }

    /// Takes back the run of a job that had left the book, if it has left it too. A later run of the
    /// same name stays the one that new jobs belong to.
    mutating func recall(_ state: WorkflowState) {
        guard runs[state.uid] == nil else { return }
        runs[state.uid] = WorkflowRun(state: state)
        let name = Name(namespace: state.namespace, workflow: state.name)
        if current[name] == nil { current[name] = state.uid }
    }

    /// Rolls up every run that is not over: what the jobs said may have been written just before a
    /// restart, and what follows from it not.
    mutating func catchUp() -> [Result] {
        runs.keys.sorted().compactMap { uid in
            guard var run = runs[uid], run.state.status != .end else { return nil }
            let result = roll(&run, isNew: false)
            runs[uid] = run
            return result
        }
    }

    /// Puts back a stored job, without telling anyone: its events were written before the restart.
    mutating func restore(_ job: JobBook.Job) {
        put(job)
    }

    /// The UID of the run that a new job belongs to.
    mutating func run(of key: JobKey, isAlone: Bool, jobUID: String) -> String {
        let name = Name(namespace: key.namespace, workflow: key.workflow)
        if let uid = current[name], let run = runs[uid],
            !isAlone || run.state.declaration != nil
        {
            return uid
        }
        runs[jobUID] = WorkflowRun(
            state: WorkflowState(uid: jobUID, namespace: key.namespace, name: key.workflow))
        if !isAlone { current[name] = jobUID }
        return jobUID
    }

    /// The stage that a job's plan gives it.
    func stage(of job: JobBook.Job) -> String? {
        runs[job.workflow]?.state.declaration?.plan.stage(ofJob: job.key.job)
    }

    /// How often a job's name has ended in its declared run.
    func ends(of job: JobBook.Job) -> Int {
        runs[job.workflow]?.named[job.key.job]?.ends ?? 0
    }

    /// Takes in a job's new state.
    mutating func update(_ job: JobBook.Job) -> Result {
        guard var run = runs[job.workflow] else { return Result() }
        let isNew = !run.isInUse && run.state.declaration == nil && run.lastEnd == nil
        let startedAt = run.state.startedAt
        run.put(job)
        if run.graph != nil, run.state.status != .pending, job.state.status != .end,
            run.state.startedAt == startedAt
        {
            // A plan is worked through only where something can come of it.
            runs[job.workflow] = run
            return Result()
        }
        let result = roll(
            &run, isNew: isNew, isRowChanged: run.state.startedAt != startedAt)
        runs[job.workflow] = run
        return result
    }

    /// Takes in a job without looking at what follows from it.
    mutating func put(_ job: JobBook.Job) {
        runs[job.workflow]?.put(job)
    }

    /// Drops a job that has left the book; a workflow that is over goes with its last job.
    mutating func forget(_ job: JobBook.Job) {
        runs[job.workflow]?.forget(job.uid)
        guard let run = runs[job.workflow], !run.isInUse, run.state.status == .end else { return }
        runs[job.workflow] = nil
        let name = Name(namespace: run.state.namespace, workflow: run.state.name)
        if current[name] == job.workflow { current[name] = nil }
    }

    /// Rolls a run up again.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - isNew: whether nothing was written of it yet.
    ///   - isRowChanged: whether its row is to be written even if its status is the same.
    /// - Returns: what is to be written, and which jobs never begin.
    func roll(
        _ run: inout WorkflowRun, isNew: Bool, isRowChanged: Bool = false
    ) -> Result {
        let before = run.state
        var result = Result()
        if let graph = run.graph, let declaration = run.state.declaration {
            // An end is final.
            if before.status != .end {
                result.notBegun = Self.roll(&run, graph, declaration)
            }
        } else if run.hasOnlyEnded {
            run.end(run.worst)
        } else {
            run.state.status = run.progress
            run.state.outcome = nil
            run.state.reason = nil
        }
        if run.state.status != .end { run.state.endedAt = nil }
        let isCanceling = run.state.reason == "Canceling" && before.reason != "Canceling"
        let moved =
            isNew || run.state.status != before.status || isCanceling
            ? JobBook.Move(from: isNew ? nil : before.status, to: run.state.status) : nil
        if moved != nil || isRowChanged || run.state.reason != before.reason {
            result.changes = [.workflow(run.state, moved: moved)]
        }
        return result
    }

    /// Rolls up a declared run that is not over.
    ///
    /// - Returns: the jobs that will never begin.
    private static func roll(
        _ run: inout WorkflowRun, _ graph: WorkflowGraph, _ declaration: WorkflowDeclaration
    ) -> [(uid: String, reason: String, message: String)] {
        let standing = WorkflowStanding(graph, passed: declaration.passedBreaks) {
            run.standing($0)
        }
        let reason = declaration.isCanceled ? "WorkflowCanceled" : "NeedsFailed"
        let message =
            declaration.isCanceled
            ? "the workflow was cancelled before the job had begun"
            : "what the job needs has not succeeded"
        let waiting = declaration.isCanceled ? run.notBegun : standing.unreachable
        let notBegun = waiting.compactMap { name in
            run.named[name].map { (uid: $0.latest, reason: reason, message: message) }
        }
        let hasEnded = run.hasOnlyEnded
        if declaration.isCanceled {
            run.state.reason = "Canceling"
            run.state.message = "the workflow ends when the jobs that have begun have ended"
            if hasEnded { run.end(.canceled) }
        } else if declaration.isPaused {
            run.hold(reason: "Paused", message: "paused by the engine")
        } else if let stage = standing.openBreaks.first {
            run.hold(reason: "Break", message: "the stage \(stage) waits to be resumed")
        } else if standing.isOver && hasEnded {
            run.end(JobOutcome.worst(standing.outcome, run.worst) ?? .success)
        } else {
            run.state.status = run.progress
            run.state.reason = nil
            run.state.message = nil
        }
        return notBegun
    }
}

extension WorkflowRun {
    fileprivate mutating func hold(reason: String, message: String) {
        state.status = .paused
        state.reason = reason
        state.message = message
    }

    fileprivate mutating func end(_ outcome: JobOutcome?) {
        state.status = .end
        state.outcome = outcome
        state.reason = outcome?.rawValue
        state.message = nil
        state.endedAt = lastEnd
    }
}
