package import Kubernetes
package import LogModel

/// What a `batch/v1` Job says of its job, condensed to what is kept.
package struct JobObject: Sendable, Equatable, Codable {
    /// Where the Job stands.
    package enum Phase: String, Sendable, Codable {
        /// It may start Pods.
        case active
        /// `spec.suspend` is set: its Pods are taken away, and come back when it is unset.
        case suspended
        /// Condition Complete.
        case complete
        /// Condition Failed.
        case failed
        /// Its object was deleted before it was complete or failed.
        case gone
    }

    /// Where it stands.
    package var phase: Phase
    /// Why, in Kubernetes' word: `BackoffLimitExceeded`, `DeadlineExceeded`, `SuccessPolicy`, …
    package var reason: String?
    /// The sentence behind the reason.
    package var message: String?
    /// When its first Pod was started.
    package var startedAt: LogTime?
    /// When it was complete or failed.
    package var endedAt: LogTime?
    /// How many Pods must succeed.
    package var completions: Int
    /// How many Pods have ended, as the Job counts them.
    package var endedPods: Int
    /// The label selector by which its Pods are found; `nil` where it has no labels, or was stored before
    /// it was kept. Not every such Pod is the Job's: the owner tells.
    package var selector: String?
    /// Whether the cluster has been asked, after the Job was over, which Pods it has that are
    /// watched, and all of these are known.
    package var isCounted = false
    /// How many Pods had ended by themselves when it was resumed; `nil` before the first pause is over.
    package private(set) var endedBeforeResume: Int?

    /// Whether nothing can change any more.
    package var isFinished: Bool { phase == .complete || phase == .failed }
    /// Whether it starts no Pod any more: it has finished, or is gone.
    var isOver: Bool { isFinished || phase == .gone }

    /// What `job` says.
    package init(_ job: BatchJob) {
        let finished = job.status.conditions.first {
            ($0.type == "Complete" || $0.type == "Failed") && $0.status == "True"
        }
        switch finished?.type {
        case "Complete": phase = .complete
        case "Failed": phase = .failed
        default: phase = job.spec.suspend ? .suspended : .active
        }
        reason = finished?.reason
        message = finished?.message
        startedAt = job.status.startTime
        endedAt = job.status.completionTime ?? finished?.lastTransitionTime
        completions = job.spec.completions ?? 1
        let labels = job.spec.selector.map { "\($0.key)=\($0.value)" }
        selector = labels.isEmpty ? nil : labels.sorted().joined(separator: ",")
        endedPods = job.status.succeeded.addingReportingOverflow(job.status.failed).partialValue
    }

    /// This sight of the Job behind an earlier one, when it has these Pods. An end is final; how its Pods
    /// were counted stays true.
    func following(_ before: JobObject?, with pods: JobPods) -> JobObject {
        guard let before else { return self }
        guard !before.isFinished else { return before }
        var object = self
        let isResumed = before.phase == .suspended && phase == .active
        object.endedBeforeResume = isResumed ? pods.endedByThemselves : before.endedBeforeResume
        return object
    }

    /// The same Job after its object has been deleted.
    func deleted(at time: LogTime) -> JobObject {
        guard !isFinished else { return self }
        var object = self
        object.phase = .gone
        object.reason = "Deleted"
        object.message = "the Job was deleted before it had finished"
        object.endedAt = time
        return object
    }
}
