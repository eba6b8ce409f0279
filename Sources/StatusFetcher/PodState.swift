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
    /// The exit code that decided the end: the first that is not 0, in the order of the spec.
    package var exitCode: Int?
    /// When the first main container started.
    package var startedAt: LogTime?
    /// When the last main container ended.
    package var endedAt: LogTime?
    /// Which of an indexed Job's completions the Pod works on.
    package var completionIndex: Int?
    /// When the Pod was created; orders the Pods of one job.
    package var createdAt: LogTime?
    /// The latest instance of each container that has a log.
    package var instances: [Instance] = []

    /// Whether the Pod's work is over.
    package var hasEnded: Bool { status == .end }

    /// The state of the same Pod after its object has been deleted from the cluster.
    ///
    /// A Pod that had not ended by itself was called off; one that Kubernetes took away because its
    /// node was lost, drained or needed for another Pod has failed.
    func deleted(at time: LogTime, disruption: String?) -> PodState {
        guard !hasEnded else { return self }
        var state = self
        state.status = .end
        state.outcome = disruption == nil ? .canceled : .failure
        state.reason = disruption ?? "Deleted"
        state.message = "the Pod was deleted before its containers had ended"
        state.endedAt = time
        return state
    }
}
