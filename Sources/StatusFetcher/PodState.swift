package import LogModel

/// What a Pod says of its job, condensed to what is kept: pure values, stored with the Pod's row.
///
/// A Pod's end is final: later sights of the same Pod change nothing any more.
package struct PodState: Sendable, Equatable, Codable {
    /// A container instance that runs or has run, so that it has a log.
    package struct Instance: Sendable, Hashable, Codable {
        /// The container's name.
        package var container: String
        /// Its restart count.
        package var attempt: Int
    }

    /// Where the Pod's work stands.
    package var status: JobStatus
    /// How it ended; set exactly when ``status`` is `end`.
    package var outcome: JobOutcome?
    /// A short cause in Kubernetes' own words: `OOMKilled`, `Unschedulable`, `ImagePullBackOff`, …
    package var reason: String?
    /// The sentence behind the reason.
    package var message: String?
    /// The exit code that decided the end: that of the container that counts and failed first.
    package var exitCode: Int?
    /// When the first container that counts started.
    package var startedAt: LogTime?
    /// When the last container that counts ended.
    package var endedAt: LogTime?
    /// Which of an indexed Job's completions the Pod works on.
    package var completionIndex: Int?
    /// When the Pod was created; orders the Pods of one job.
    package var createdAt: LogTime?
    /// The latest instance of each container that has a log.
    package var instances: [Instance] = []
    /// Containers that do not count and run on after the end: it does not wait for their logs.
    package var trailing: Set<String>?
    /// Why Kubernetes takes the Pod away by its own, once it has said so.
    package var disruption: String?

    /// Whether the Pod's work is over.
    package var hasEnded: Bool { status == .end }

    /// The state of the same Pod after its object has been deleted from the cluster.
    ///
    /// A Pod that had not ended by itself was called off. One that Kubernetes took away because its
    /// node was lost, drained or needed for another Pod has failed, and so has one that was given up
    /// because its containers could not be started: an image that cannot be pulled, a Secret that is
    /// not there.
    func deleted(at time: LogTime) -> PodState {
        guard !hasEnded else { return self }
        var state = self
        state.status = .end
        state.endedAt = time
        if let disruption {
            state.outcome = .failure
            state.reason = disruption
            state.message = "the Pod was deleted before its containers had ended"
        } else if status == .scheduling, let reason, StartFailure.reasons.contains(reason) {
            state.outcome = .failure
            let cause = message.map { ": \($0)" } ?? ""
            state.message = "the Pod was deleted while its containers could not be started\(cause)"
        } else {
            state.outcome = .canceled
            state.reason = "Deleted"
            let waitedFor = status == .scheduling ? reason.map { " (\($0))" } ?? "" : ""
            state.message = "the Pod was deleted before its containers had ended\(waitedFor)"
        }
        return state
    }
}

/// What keeps a container from being started, by the kubelet's words for it.
enum StartFailure {
    static let reasons: Set<String> = [
        // The image.
        "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull",
        "ImageInspectError", "RegistryUnavailable", "SignatureValidationFailed",
        // What the container needs besides, and the runtime.
        "CreateContainerConfigError", "CreateContainerError", "RunContainerError",
        "PreCreateHookError", "PreStartHookError", "PostStartHookError", "CreatePodSandboxError",
    ]
}
