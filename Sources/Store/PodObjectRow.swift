package import LogModel

/// A Pod's object as Kubernetes clients are shown it: the last that was seen of it.
///
/// It is kept for as long as the Pod exists or a log of it is kept.
package struct PodObjectRow: Sendable, Equatable {
    /// Counts the changes of all Pods' objects; larger than that of every earlier change. Set by
    /// the store.
    package var version: Int64 = 0
    /// The ``version`` of the Pod's first appearance. Set by the store.
    package var first: Int64 = 0
    /// The Pod's UID.
    package var uid: String
    /// The Kubernetes namespace.
    package var namespace: String
    /// The Pod's name.
    package var name: String
    /// When it was created.
    package var createdAt: LogTime
    /// When it was gone from the cluster.
    package var goneAt: LogTime?
    /// The cluster's own word for this state: opaque, equal for equal states.
    package var clusterVersion: String
    /// The name of the Job that owns it.
    package var job: String?
    /// Its labels.
    package var labels: [String: String]
    /// The object.
    package var object: PackedText
    /// Whether nothing is kept of it any more: such a row tells those who watch, for a while.
    package var isDeleted = false

    /// Describes an object that is to be stored.
    package init(
        uid: String, namespace: String, name: String, createdAt: LogTime, goneAt: LogTime? = nil,
        clusterVersion: String, job: String? = nil, labels: [String: String] = [:],
        object: PackedText
    ) {
        self.uid = uid
        self.namespace = namespace
        self.name = name
        self.createdAt = createdAt
        self.goneAt = goneAt
        self.clusterVersion = clusterVersion
        self.job = job
        self.labels = labels
        self.object = object
    }
}

/// Where a list of Pods goes on: behind this one.
package struct PodKey: Sendable, Equatable {
    /// The Kubernetes namespace.
    package var namespace: String
    /// The Pod's name.
    package var name: String

    /// Names a Pod.
    package init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }
}

/// Which Pods' objects are asked for; what is `nil` does not matter.
package struct PodObjectQuery: Sendable {
    /// The Kubernetes namespace.
    package var namespace: String?
    /// The Pod's name.
    package var name: String?
    /// The name of the Job that owns it.
    package var job: String?
    /// What is asked of the labels.
    package var labels: (@Sendable ([String: String]) -> Bool)?

    /// Asks for every Pod.
    package init(
        namespace: String? = nil, name: String? = nil, job: String? = nil,
        labels: (@Sendable ([String: String]) -> Bool)? = nil
    ) {
        self.namespace = namespace
        self.name = name
        self.job = job
        self.labels = labels
    }
}

/// Which state of a Pod's object is stored.
package struct StoredVersion: Sendable, Equatable {
    /// The Pod's UID.
    package var podUID: String
    /// Its namespace.
    package var namespace: String
    /// The cluster's word for the state.
    package var version: String

    /// Names a state.
    package init(podUID: String, namespace: String, version: String) {
        self.podUID = podUID
        self.namespace = namespace
        self.version = version
    }
}

/// Some Pods' objects, and what the next request must know.
package struct PodObjectPage: Sendable {
    /// The objects.
    package var rows: [PodObjectRow]
    /// The version that all of them are of, or earlier ones: what comes later has a larger one.
    package var version: Int64
    /// Whether more follows behind the last one.
    package var hasMore: Bool
}
