/// Everything that a simulated cluster keeps, each with its unit and reason.
package struct ClusterSettings: Sendable {
    /// Makes a cluster's names, UIDs and log texts; the same seed makes the same cluster.
    package var seed: UInt64 = 1
    /// What goes wrong with requests for logs and with watches.
    package var faults = FaultMixture.none
    /// Changes that a watch can catch up with. 8,192: some 30 MB of objects. A watch that is
    /// further behind is told 410.
    package var historyCapacity = 8_192
    /// The time between two bookmarks of a watch that wants them: a minute, as the API server.
    package var bookmarkInterval = Duration.seconds(60)
    /// How long a watch lasts that does not say: the API server takes 30 to 60 minutes.
    package var watchDuration = Duration.seconds(1_800)
    /// Whether a watch may ask for what is there first (`sendInitialEvents`), as from Kubernetes 1.34
    /// on; elsewhere it is refused with 422.
    package var hasStreamingLists = true

    /// Whether there are Jobs, and for whom.
    package var jobs = JobsAPI.served
    /// How long the Job controller takes to notice a change: 50 ms, so that a watch sees a Pod end
    /// before its Job does.
    package var controllerDelay = Duration.milliseconds(50)
    /// Whether a Job is told to end (`SuccessCriteriaMet`, `FailureTarget`) before it has, as from
    /// Kubernetes 1.31 on. Before, a Job was `Complete` without a reason, and `Failed` while its
    /// Pods still ended.
    package var hasInterimConditions = true

    /// Makes the default settings.
    package init() {}
}

/// What becomes of requests for Jobs.
package enum JobsAPI: Sendable {
    /// They are answered.
    case served
    /// There is no such API: 404.
    case absent
    /// Nobody may: 403.
    case forbidden
}
