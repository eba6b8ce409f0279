package import LogModel

/// What a Job asks for, as far as it is simulated.
package struct JobSpec: Sendable, Equatable {
    /// Pods that may run at a time.
    package var parallelism = 1
    /// Pods that must succeed; nil: one is enough, and no more are started after it.
    package var completions: Int? = 1
    /// Pods that may fail before the Job does.
    package var backoffLimit = 6
    /// How long the Job may be active.
    package var deadline: Duration?
    /// Whether it is to have no Pods.
    package var isSuspended = false
    /// Whether each Pod has a completion index of its own.
    package var isIndexed = false
    /// Whether a failed container is restarted within its Pod (`restartPolicy: OnFailure`).
    package var restartsContainers = false
    /// How long the Job stays after its end; nil keeps it.
    package var keptFor: Duration?
    /// From the first failure in a row to the next Pod; doubles with each further one, up to a
    /// hundredfold. Kubernetes waits 10 s.
    package var backoff = Duration.seconds(1)
    /// How many Pods, from the first on, exit with 1 whatever the template says.
    package var failingPods = 0

    /// A Job with Kubernetes' defaults.
    package init() {}
}

/// A Pod as its Job's controller sees it.
package struct JobPod: Sendable, Equatable {
    package var key: ObjectKey
    package var uid: String
    package var phase: PodMachine.Phase
    /// Whether it was told to go.
    package var isTerminating = false
    package var isReady = false
    /// Restarts of its containers.
    package var restarts = 0
    /// Its completion index.
    package var index: Int?
    package var created: LogTime
    /// When its last container ended.
    package var endedAt: LogTime?

    /// A Pod that was just created.
    package init(_ key: ObjectKey, uid: String, index: Int? = nil, created: LogTime) {
        self.key = key
        self.uid = uid
        phase = .pending
        self.index = index
        self.created = created
    }

    /// What can be seen of a Pod.
    init(_ pod: LivePod) {
        self.init(pod.record.key, uid: pod.uid, created: pod.machine.created)
        let machine = pod.machine
        phase = machine.phase
        isTerminating = machine.deletion != nil
        let mains = machine.containers.filter { $0.script.kind == .main }
        isReady = machine.phase == .running && mains.allSatisfy(\.isRunning)
        restarts = machine.containers.reduce(0) { $0 + ($1.attempt ?? 0) }
        index = pod.blueprint.annotations[JobLabel.completionIndex].flatMap { Int($0) }
        endedAt = machine.containers.compactMap { $0.termination?.finishedAt }.max()
    }

    /// Whether it has ended.
    var isOver: Bool { phase == .succeeded || phase == .failed }
    /// Whether it counts as active.
    var isActive: Bool { !isOver && !isTerminating }
}

/// The labels and annotations that Jobs give their Pods.
enum JobLabel {
    static let name = "batch.kubernetes.io/job-name"
    static let uid = "batch.kubernetes.io/controller-uid"
    static let completionIndex = "batch.kubernetes.io/job-completion-index"

    /// The labels of every Pod of a Job, those from before Kubernetes 1.27 among them.
    static func all(job: String, uid: String) -> [String: String] {
        [name: job, self.uid: uid, "job-name": job, "controller-uid": uid]
    }
}
