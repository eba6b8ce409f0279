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
    /// Of several Pods that work on the same completion (retries) the one created last counts. The
    /// job has ended when all that count have; it ended as the worst of them did.
    package init(_ pods: some Collection<PodState>) {
        guard !pods.isEmpty else { return }
        var latest: [Int?: PodState] = [:]
        for pod in pods {
            if let other = latest[pod.completionIndex], Self.isOlder(pod, other) { continue }
            latest[pod.completionIndex] = pod
        }
        startedAt = pods.compactMap(\.startedAt).min()
        let counting = latest.values
        if counting.allSatisfy(\.hasEnded) {
            let worst = counting.max { Self.badness($0) < Self.badness($1) }
            status = .end
            outcome = worst?.outcome
            exitCode = worst?.exitCode
            endedAt = pods.compactMap(\.endedAt).max()
            reason = worst?.reason
            message = worst?.message
        } else {
            let active = counting.filter { !$0.hasEnded }
            let leading = active.max { Self.progress($0.status) < Self.progress($1.status) }
            status = counting.contains(where: \.hasEnded) ? .running : leading?.status ?? .pending
            reason = leading?.reason
            message = leading?.message
        }
    }

    /// How far a status is on the way to the end.
    private static func progress(_ status: JobStatus) -> Int {
        switch status {
        case .pending: 0
        case .scheduling: 1
        case .paused: 2
        case .running: 3
        case .end: 4
        }
    }

    private static func isOlder(_ a: PodState, _ b: PodState) -> Bool {
        (a.createdAt?.nanoseconds ?? 0) < (b.createdAt?.nanoseconds ?? 0)
    }

    private static func badness(_ pod: PodState) -> Int { pod.outcome?.badness ?? 0 }
}
