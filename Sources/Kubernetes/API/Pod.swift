/// A Pod as the API server describes it, with only the fields that Podwire uses.
///
/// Fields that the server leaves out read as empty; a field of the wrong type fails the decoding.
package struct Pod: Sendable, Equatable {
    /// Who it is.
    package var metadata: Metadata
    /// What was asked for.
    package var spec: Spec
    /// How it stands.
    package var status: Status
    /// The text that it was decoded from, on its way from the watch to who keeps it.
    package var source: ObjectSource?

    /// Makes a Pod; for tests and for Pods that are known from elsewhere.
    package init(metadata: Metadata, spec: Spec = Spec(), status: Status = Status()) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}

extension Pod {
    package typealias Metadata = ObjectMetadata
    package typealias OwnerReference = Kubernetes.OwnerReference
    package typealias Condition = Kubernetes.Condition

    /// The Pod's containers and where they are to run.
    package struct Spec: Sendable, Equatable {
        /// The node that the Pod is bound to, once it is.
        package var nodeName: String?
        package var containers: [ContainerSpec]
        package var initContainers: [ContainerSpec]
        package var ephemeralContainers: [ContainerSpec]
        package var restartPolicy: String?
        package var activeDeadlineSeconds: Int?
        package var schedulerName: String?
        package var serviceAccountName: String?
        package var hostNetwork: Bool?
        package var readinessGates: [ReadinessGate] = []

        /// A condition that others than the kubelet set, and that the Pod must have to be ready.
        package struct ReadinessGate: Sendable, Equatable, Decodable {
            package var conditionType: String
        }

        /// Describes what was asked for.
        package init(
            nodeName: String? = nil, containers: [ContainerSpec] = [],
            initContainers: [ContainerSpec] = [], ephemeralContainers: [ContainerSpec] = [],
            restartPolicy: String? = nil, activeDeadlineSeconds: Int? = nil
        ) {
            self.nodeName = nodeName
            self.containers = containers
            self.initContainers = initContainers
            self.ephemeralContainers = ephemeralContainers
            self.restartPolicy = restartPolicy
            self.activeDeadlineSeconds = activeDeadlineSeconds
        }
    }

    /// One container of the spec.
    package struct ContainerSpec: Sendable, Equatable, Decodable {
        package var name: String
        package var image: String?
        /// `Always` on an init container makes it a sidecar; goes before the Pod's own.
        package var restartPolicy: String?
        /// Which exit codes restart it whatever the policy says.
        package var restartPolicyRules: [RestartRule]?

        /// Names a container.
        package init(
            name: String, image: String? = nil, restartPolicy: String? = nil,
            restartPolicyRules: [RestartRule]? = nil
        ) {
            self.name = name
            self.image = image
            self.restartPolicy = restartPolicy
            self.restartPolicyRules = restartPolicyRules
        }

        /// A rule of which only its being there matters.
        package struct RestartRule: Sendable, Equatable, Decodable {
            /// A rule.
            package init() {}
        }
    }
}

extension Pod: WatchedObject {
    package static let resource = APIResource(version: "v1", plural: "pods", singular: "pod")

    package mutating func attach(_ source: () -> ObjectSource?) {
        self.source = source()
    }
}
