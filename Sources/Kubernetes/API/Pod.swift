package import LogModel

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

    /// Makes a Pod; for tests and for Pods that are known from elsewhere.
    package init(metadata: Metadata, spec: Spec = Spec(), status: Status = Status()) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}

extension Pod {
    /// The Pod's names, labels, owners and times.
    package struct Metadata: Sendable, Equatable {
        package var name: String
        package var namespace: String
        package var uid: String
        /// The version of this state: opaque, only good for asking the same server what follows.
        package var resourceVersion: String
        package var labels: [String: String]
        package var annotations: [String: String]
        package var creationTimestamp: LogTime?
        /// When the Pod will be, or was, deleted: set as soon as the deletion is asked for.
        package var deletionTimestamp: LogTime?
        package var deletionGracePeriodSeconds: Int?
        package var ownerReferences: [OwnerReference]

        /// Names a Pod.
        package init(
            name: String, namespace: String, uid: String, resourceVersion: String = "",
            labels: [String: String] = [:], annotations: [String: String] = [:],
            creationTimestamp: LogTime? = nil, deletionTimestamp: LogTime? = nil,
            deletionGracePeriodSeconds: Int? = nil, ownerReferences: [OwnerReference] = []
        ) {
            self.name = name
            self.namespace = namespace
            self.uid = uid
            self.resourceVersion = resourceVersion
            self.labels = labels
            self.annotations = annotations
            self.creationTimestamp = creationTimestamp
            self.deletionTimestamp = deletionTimestamp
            self.deletionGracePeriodSeconds = deletionGracePeriodSeconds
            self.ownerReferences = ownerReferences
        }
    }

    /// An object that the Pod belongs to, such as its Job.
    package struct OwnerReference: Sendable, Equatable {
        package var apiVersion: String
        package var kind: String
        package var name: String
        package var uid: String
        /// Whether this owner is the one that manages the Pod.
        package var controller: Bool

        /// Names an owner.
        package init(
            apiVersion: String, kind: String, name: String, uid: String, controller: Bool = true
        ) {
            self.apiVersion = apiVersion
            self.kind = kind
            self.name = name
            self.uid = uid
            self.controller = controller
        }
    }

    /// The Pod's containers and where they are to run.
    package struct Spec: Sendable, Equatable {
        /// The node that the Pod is bound to, once it is.
        package var nodeName: String?
        package var containers: [ContainerSpec]
        package var initContainers: [ContainerSpec]
        package var ephemeralContainers: [ContainerSpec]
        package var restartPolicy: String?
        package var activeDeadlineSeconds: Int?

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
        /// `Always` on an init container makes it a sidecar.
        package var restartPolicy: String?

        /// Names a container.
        package init(name: String, image: String? = nil, restartPolicy: String? = nil) {
            self.name = name
            self.image = image
            self.restartPolicy = restartPolicy
        }
    }
}
