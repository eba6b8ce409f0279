package import Kubernetes
package import LogModel

/// Answers: which workflow, stage and job is this Pod?
///
/// The key table is tried from the top; the first rule that matches wins. Where none does, the
/// owning Job names the job, else the Pod does. A job without a workflow is a workflow of its own,
/// of the same name.
package struct JobMapping: Sendable {
    /// What a Pod belongs to.
    package struct Membership: Sendable, Equatable {
        /// Namespace, workflow and job.
        package let key: JobKey
        /// The stage within the workflow, where the system has stages.
        package let stage: String?
        /// The UID of the Job that owns the Pod; `nil` for a Pod that no Job owns. Pods of one
        /// owner are always one job.
        package let ownerUID: String?
        /// Which of a Job's completions this Pod works on, for indexed Jobs.
        package let completionIndex: Int?
    }

    private let rules: [KeyRule]

    /// - Parameter extra: rules of the settings, tried behind Podwire's own keys and before the
    ///   presets.
    package init(extra: [KeyRule] = []) {
        rules = [.own] + extra + KeyRule.presets
    }

    /// What `pod` belongs to.
    package func membership(of pod: Pod) -> Membership {
        let metadata = pod.metadata
        let match = rules.lazy.compactMap { $0.match(metadata) }.first
        let owner = metadata.ownerReferences.first { $0.kind == "Job" && $0.controller == true }
        let job = match?.job ?? owner?.name ?? metadata.name
        let index = metadata.annotations["batch.kubernetes.io/job-completion-index"]
        return Membership(
            key: JobKey(
                namespace: metadata.namespace, workflow: match?.workflow ?? job, job: job),
            stage: match?.stage, ownerUID: owner?.uid, completionIndex: index.flatMap { Int($0) })
    }
}
