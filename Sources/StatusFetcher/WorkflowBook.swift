package import LogModel

/// Where a workflow stands, rolled up from its jobs: a pure value.
package struct WorkflowState: Sendable, Equatable {
    /// The namespace.
    package let namespace: String
    /// The workflow's name.
    package let name: String
    /// Where it stands: `running` from the moment its first job is no longer pending.
    package var status: JobStatus
    /// How it ended; set exactly when ``status`` is `end`.
    package var outcome: JobOutcome?
    /// When its first job was created.
    package var createdAt: LogTime?
    /// When its first job started.
    package var startedAt: LogTime?
    /// When its last job ended.
    package var endedAt: LogTime?
}

/// The workflows of the jobs in a ``JobBook``.
///
/// Nobody declares these workflows, so their end is only the end of all jobs seen so far: a
/// workflow whose next stage starts later goes from `end` back to `running`.
struct WorkflowBook: Sendable {
    private struct Name: Hashable {
        let namespace: String
        let workflow: String
    }

    private struct Entry {
        var jobs: [String: JobBook.Job] = [:]
        var state: WorkflowState
    }

    private var entries: [Name: Entry] = [:]

    /// Puts back a stored job, without telling anyone.
    mutating func restore(_ job: JobBook.Job) {
        _ = update(job)  // Its event was written before the restart.
    }

    /// Takes in a job's new state.
    mutating func update(_ job: JobBook.Job) -> [JobBook.Change] {
        let name = Name(namespace: job.key.namespace, workflow: job.key.workflow)
        let known = entries[name]
        var entry =
            known
            ?? Entry(
                state: WorkflowState(
                    namespace: name.namespace, name: name.workflow, status: .pending))
        entry.jobs[job.uid] = job
        let state = Self.rollUp(entry)
        let from = known?.state.status
        entry.state = state
        entries[name] = entry
        guard from != state.status else { return [] }
        return [.workflow(state, moved: JobBook.Move(from: from, to: state.status))]
    }

    /// Drops a job that has left the book; the workflow goes with its last job.
    mutating func forget(_ job: JobBook.Job) {
        let name = Name(namespace: job.key.namespace, workflow: job.key.workflow)
        entries[name]?.jobs[job.uid] = nil
        if entries[name]?.jobs.isEmpty == true { entries[name] = nil }
    }

    private static func rollUp(_ entry: Entry) -> WorkflowState {
        let jobs = entry.jobs.values
        var state = entry.state
        state.createdAt = jobs.compactMap(\.createdAt).min() ?? state.createdAt
        state.startedAt = jobs.compactMap(\.state.startedAt).min() ?? state.startedAt
        state.outcome = nil
        state.endedAt = nil
        if jobs.allSatisfy({ $0.state.status == .end }) {
            let worst = jobs.max {
                JobState.badness($0.state.outcome) < JobState.badness($1.state.outcome)
            }
            state.status = .end
            state.outcome = worst?.state.outcome
            state.endedAt = jobs.compactMap(\.state.endedAt).max()
        } else {
            state.status = jobs.allSatisfy { $0.state.status == .pending } ? .pending : .running
        }
        return state
    }
}
