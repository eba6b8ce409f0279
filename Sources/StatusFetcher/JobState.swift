package import LogModel
import StatusModel

/// Where a job stands, rolled up from its Pods: a pure value.
package struct JobState: Sendable, Equatable {
    /// Where the job stands.
    package var status: JobStatus = .pending
    /// How it ended; set exactly when ``status`` is `end`.
    package var outcome: JobOutcome?
    /// A short cause in Kubernetes' own words.
    package var reason: String?
    /// The sentence behind the reason.
    package var message: String?
    /// The exit code that decided the end.
    package var exitCode: Int?
    /// When the first main container of the job started.
    package var startedAt: LogTime?
    /// When the last main container of the job ended.
    package var endedAt: LogTime?

    /// The state of a job that has no Pod yet.
    package init() {}

    /// Rolls up the Pods of one job.
    ///
    /// The job has ended when all that count have; it ended as the worst of them did.
    package init(_ pods: JobPods) {
        guard !pods.isEmpty else { return }
        startedAt = pods.startedAt
        if pods.haveCountingEnded {
            let worst = pods.worst
            status = .end
            outcome = worst?.outcome
            exitCode = worst?.exitCode
            endedAt = pods.endedAt
            reason = worst?.reason
            message = worst?.message
        } else {
            let leading = pods.leading
            status = pods.hasCountingEnded ? .running : leading?.status ?? .pending
            reason = leading?.reason
            message = leading?.message
        }
    }
}
