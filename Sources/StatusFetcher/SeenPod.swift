package import Kubernetes
package import LogModel

/// What is kept of a Pod besides its state: who it is, where it runs, which containers it has.
package struct SeenPod: Sendable, Equatable {
    /// A container of the Pod.
    package struct Container: Sendable, Equatable {
        /// Its name.
        package let name: String
        /// What it is to the Pod.
        package let kind: ContainerKind
    }

    /// The Pod's UID.
    package let uid: String
    /// Its name and place; `nil` when only its absence was seen, so that the stored row stays.
    package let details: Details?

    /// What the watch told of a Pod.
    package struct Details: Sendable, Equatable {
        /// The namespace.
        package let namespace: String
        /// The Pod's name.
        package let name: String
        /// The node that it was bound to.
        package let node: String?
        /// Kubernetes' own phase.
        package let phase: String
        /// When it was created.
        package let createdAt: LogTime?
        /// The container that `kubectl logs` reads when none is named.
        package let defaultContainer: String?
        /// All containers, in the order in which they are shown.
        package let containers: [Container]
    }

    /// A Pod of which only the UID is known.
    init(uid: String) {
        self.uid = uid
        details = nil
    }

    /// What is kept of `pod`.
    package init(_ pod: Pod) {
        uid = pod.metadata.uid
        details = Details(
            namespace: pod.metadata.namespace, name: pod.metadata.name, node: pod.spec.nodeName,
            phase: pod.status.phase, createdAt: pod.metadata.creationTimestamp,
            defaultContainer: pod.metadata.annotations["kubectl.kubernetes.io/default-container"],
            containers: pod.containers.map { Container(name: $0.name, kind: $0.kind) })
    }
}
