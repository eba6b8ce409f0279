import LogModel
import Store

/// A Pod of a job, with its containers and their logs.
struct PodDocument: Encodable, Sendable {
    /// A container of the Pod.
    struct Container: Encodable, Sendable {
        let name: String
        let kind: ContainerKind
        let attempts: [Attempt]
    }

    /// One instance of a container, and its log.
    struct Attempt: Encodable, Sendable {
        /// The restart count.
        let attempt: Int
        /// `UID/CONTAINER/ATTEMPT`.
        let stream: String
        /// `live` or `ended`.
        let state: String
        let lines: Int64
        let bytes: Int64
        let exitCode: Int?
        let reason: String?
    }

    let name: String
    let uid: String
    let node: String?
    let phase: String
    let containers: [Container]

    /// Describes `pod` with its share of `streams`.
    init(_ pod: PodRow, _ streams: [StreamInfo]) {
        name = pod.name
        uid = pod.uid
        node = pod.node
        phase = pod.phase
        containers = pod.containers.map { container in
            let instances = streams.filter {
                $0.id.podUID == pod.uid && $0.id.container == container.name
            }
            return Container(
                name: container.name, kind: container.kind,
                attempts: instances.sorted { $0.id.attempt < $1.id.attempt }.map(Attempt.init))
        }
    }
}

extension PodDocument.Attempt {
    fileprivate init(_ stream: StreamInfo) {
        attempt = stream.id.attempt
        self.stream = stream.id.description
        state = stream.state.rawValue
        lines = stream.lines
        bytes = stream.bytes
        exitCode = stream.exitCode
        reason = stream.reason
    }
}
