import LogModel

/// Which job is asked for: by namespace, workflow and job, or where the job's name is unique in its
/// namespace without the workflow.
struct JobReference: Equatable, Hashable, Sendable {
    /// The Kubernetes namespace.
    let namespace: String
    /// The workflow's name, if it is given.
    var workflow: String?
    /// The job's name.
    let job: String

    /// The job's full name, if it is given.
    var key: JobKey? {
        workflow.map { JobKey(namespace: namespace, workflow: $0, job: job) }
    }

    /// Whether the job of this name may be meant.
    func matches(_ key: JobKey) -> Bool {
        key.namespace == namespace && key.job == job
            && (workflow == nil || key.workflow == workflow)
    }
}
