package import LogModel

/// One container of a Pod: its name, what it is to the Pod, and how it stands.
package struct PodContainer: Sendable, Equatable {
    /// The container's name, unique in its Pod.
    package let name: String
    /// What it is to the Pod.
    package let kind: ContainerKind
    /// How it stands; `nil` until the kubelet has reported it.
    package let status: Pod.ContainerStatus?

    /// Describes a container.
    package init(name: String, kind: ContainerKind, status: Pod.ContainerStatus?) {
        self.name = name
        self.kind = kind
        self.status = status
    }
}

extension Pod {
    /// Every container of the Pod, in the order init, sidecar, main, ephemeral, each kind as in the
    /// spec.
    package var containers: [PodContainer] {
        let isSidecar = { (spec: ContainerSpec) in spec.restartPolicy == "Always" }
        let parts: [(ContainerKind, [ContainerSpec], [ContainerStatus])] = [
            (.`init`, spec.initContainers.filter { !isSidecar($0) }, status.initContainerStatuses),
            (.sidecar, spec.initContainers.filter(isSidecar), status.initContainerStatuses),
            (.main, spec.containers, status.containerStatuses),
            (.ephemeral, spec.ephemeralContainers, status.ephemeralContainerStatuses),
        ]
        return parts.flatMap { kind, specs, statuses in
            specs.map { spec in
                PodContainer(
                    name: spec.name, kind: kind, status: statuses.first { $0.name == spec.name })
            }
        }
    }
}
