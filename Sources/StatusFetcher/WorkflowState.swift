package import LogModel
package import StatusModel

/// Where a run of a workflow stands, rolled up from its jobs: a pure value.
package struct WorkflowState: Sendable, Equatable {
    /// Identifies the run: `NAMESPACE/NAME/RUN` of a declared one, else the UID of the job that began
    /// it.
    package let uid: String
    /// The namespace.
    package let namespace: String
    /// The workflow's name.
    package let name: String
    /// Where it stands: `running` from the moment its first job is no longer pending.
    package var status: JobStatus = .pending
    /// How it ended; set exactly when ``status`` is `end`.
    package var outcome: JobOutcome?
    /// Why it stands there, in a word: `Paused`, `Break`, `Canceling`, or the outcome.
    package var reason: String?
    /// The sentence behind the reason.
    package var message: String?
    /// When it was declared, or its first job was created.
    package var createdAt: LogTime?
    /// When its first job started.
    package var startedAt: LogTime?
    /// When its last job ended, or it was cancelled.
    package var endedAt: LogTime?
    /// What its engine has declared; `nil` where nobody has.
    package var declaration: WorkflowDeclaration?

    /// A run that has just begun.
    package init(uid: String, namespace: String, name: String) {
        self.uid = uid
        self.namespace = namespace
        self.name = name
    }
}
