/// The name of a job: namespace, workflow, job.
///
/// A Job or Pod that belongs to no workflow is a workflow of its own, of the same name.
package struct JobKey: Hashable, Sendable, CustomStringConvertible {
    /// The Kubernetes namespace.
    package let namespace: String
    /// The workflow's name.
    package let workflow: String
    /// The job's name within the workflow.
    package let job: String

    /// Names a job.
    package init(namespace: String, workflow: String, job: String) {
        self.namespace = namespace
        self.workflow = workflow
        self.job = job
    }

    /// `NAMESPACE/WORKFLOW/JOB`, the subject of its events.
    package var description: String { "\(namespace)/\(workflow)/\(job)" }
}
