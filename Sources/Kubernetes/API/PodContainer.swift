package import LogModel

/// One container of a Pod: its name, what it is to the Pod, and how it stands.
package struct PodContainer: Sendable, Equatable {
    /// The container's name, unique in its Pod.
    package let name: String
    /// What it is to the Pod.
    package let kind: ContainerKind
    /// How it stands; `nil` until the kubelet has reported it.
    package let status: Pod.ContainerStatus?
    /// When it is started again after its end.
    package let restarts: Restarts

    /// When a container is started again after its end.
    package enum Restarts: Sendable, Equatable {
        case never
        case onFailure
        /// Also where it depends on rules that are not looked into.
        case maybeAlways

        /// Whether an end with this exit code is the last.
        package func isOver(after exitCode: Int) -> Bool {
            switch self {
            case .never: true
            case .onFailure: exitCode == 0
            case .maybeAlways: false
            }
        }
    }

    /// Describes a container.
    package init(
        name: String, kind: ContainerKind, status: Pod.ContainerStatus?,
        restarts: Restarts = .maybeAlways
    ) {
        self.name = name
        self.kind = kind
        self.status = status
        self.restarts = restarts
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
                    name: spec.name, kind: kind, status: statuses.first { $0.name == spec.name },
                    restarts: restarts(of: spec))
            }
        }
    }

    private func restarts(of container: ContainerSpec) -> PodContainer.Restarts {
        guard container.restartPolicyRules?.isEmpty ?? true else { return .maybeAlways }
        return switch container.restartPolicy ?? spec.restartPolicy {
        case "Never": .never
        case "OnFailure": .onFailure
        default: .maybeAlways
        }
    }
}
