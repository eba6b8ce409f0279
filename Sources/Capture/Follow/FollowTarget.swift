package import Kubernetes
package import LogModel

/// Which container instance is followed.
package struct FollowTarget: Sendable {
    /// The stream's name.
    package var id: StreamID
    package var namespace: String
    package var pod: String
    package var kind: ContainerKind
    /// The node it runs on, as far as known.
    package var node: String?
    package var startedAt: LogTime?
    /// When it ended, if it had when it was found.
    package var finishedAt: LogTime?
    /// The Pod, for finding the job; `nil` for a stream that is only known from the store.
    package var object: Pod?

    /// The instance `attempt` of a container of `pod`.
    init(_ pod: Pod, _ container: PodContainer, attempt: Int) {
        id = StreamID(podUID: pod.metadata.uid, container: container.name, attempt: attempt)
        namespace = pod.metadata.namespace
        self.pod = pod.metadata.name
        kind = container.kind
        node = pod.spec.nodeName
        object = pod
        guard let status = container.status else { return }
        let state = attempt == status.restartCount ? status.state : status.lastState
        switch state {
        case .running(let time): startedAt = time
        case .terminated(let end):
            startedAt = end.startedAt
            finishedAt = end.finishedAt
        case .waiting, .unknown: break
        }
    }

    /// A stream of the store whose Pod is not there any more.
    init(id: StreamID, namespace: String, pod: String, kind: ContainerKind) {
        self.id = id
        self.namespace = namespace
        self.pod = pod
        self.kind = kind
    }
}

/// The job that a Pod belongs to.
package struct JobOfPod: Sendable, Equatable {
    /// Its row in the store.
    package var row: Int64
    /// The token that output lines must carry, from `podwire.dev/output-token`.
    package var outputToken: String?
    /// The main containers whose lines may be outputs; `nil` when all are.
    package var outputContainers: Set<String>?

    /// Names a job.
    package init(
        row: Int64, outputToken: String? = nil, outputContainers: Set<String>? = nil
    ) {
        self.row = row
        self.outputToken = outputToken
        self.outputContainers = outputContainers
    }

    /// Whether the lines of a container may be outputs.
    func takesOutputs(from container: String, _ kind: ContainerKind) -> Bool {
        kind == .main && outputContainers?.contains(container) ?? true
    }
}

/// Tells which job a Pod belongs to.
package protocol JobDirectory: Sendable {
    /// The job of `pod`; its row exists when this returns.
    func job(of pod: Pod) async throws -> JobOfPod
}

/// Hears of streams that are over.
package protocol StreamObserver: Sendable {
    /// The log of an instance is complete and committed, or was given up with a gap record.
    func streamEnded(_ id: StreamID) async
}
