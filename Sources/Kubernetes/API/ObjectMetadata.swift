package import LogModel

/// The names, labels, owners and times that every Kubernetes object has.
package struct ObjectMetadata: Sendable, Equatable {
    package var name: String
    package var namespace: String
    package var uid: String
    /// The version of this state: opaque, only good for asking the same server what follows.
    package var resourceVersion: String
    package var labels: [String: String]
    package var annotations: [String: String]
    package var creationTimestamp: LogTime?
    /// When the object will be, or was, deleted: set as soon as the deletion is asked for.
    package var deletionTimestamp: LogTime?
    package var deletionGracePeriodSeconds: Int?
    package var ownerReferences: [OwnerReference]

    /// Names an object.
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

/// An object that another belongs to, such as the Job of a Pod.
package struct OwnerReference: Sendable, Equatable {
    package var apiVersion: String
    package var kind: String
    package var name: String
    package var uid: String
    /// Whether this owner is the one that manages the object.
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

/// One named condition of an object, such as `PodScheduled` or `Complete`.
package struct Condition: Sendable, Equatable {
    package var type: String
    /// `True`, `False` or `Unknown`.
    package var status: String
    package var reason: String?
    package var message: String?
    /// When `status` became what it is.
    package var lastTransitionTime: LogTime?

    /// Describes a condition.
    package init(
        type: String, status: String, reason: String? = nil, message: String? = nil,
        lastTransitionTime: LogTime? = nil
    ) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
        self.lastTransitionTime = lastTransitionTime
    }

    /// Whether it holds.
    package var isTrue: Bool { status == "True" }
}
