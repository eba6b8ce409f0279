/// A kind of object as the API server serves it: where it is, and what it is called.
package struct APIResource: Sendable, Equatable {
    /// The API group, such as `batch`; empty for the core group.
    package let group: String
    /// The version, such as `v1`.
    package let version: String
    /// The name in paths and permissions, such as `jobs`.
    package let plural: String
    /// The name of one, such as `job`.
    package let singular: String
    /// What Podwire cannot do on a cluster, or with a permission, that does not have it, as a
    /// sentence; `nil` when Podwire cannot do without it.
    package let absence: String?

    init(
        group: String = "", version: String, plural: String, singular: String,
        absence: String? = nil
    ) {
        self.group = group
        self.version = version
        self.plural = plural
        self.singular = singular
        self.absence = absence
    }

    /// The name with its group, as `kubectl` and RBAC messages have it: `pods`, `jobs.batch`.
    package var qualifiedName: String { group.isEmpty ? plural : "\(plural).\(group)" }

    /// What is tried, in the words of ``KubernetesError/operation``.
    var listing: String { "list \(plural)" }
    var watching: String { "watch \(plural)" }

    /// The path of the objects of a namespace, or of all (`nil`).
    func path(namespace: String?) -> String {
        let root = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
        guard let namespace else { return "\(root)/\(plural)" }
        return "\(root)/namespaces/\(namespace.percentEncoded)/\(plural)"
    }
}

/// An object that a ``ResourceWatcher`` can list and watch.
package protocol WatchedObject: Sendable, Equatable, Decodable {
    /// Where the API server serves it.
    static var resource: APIResource { get }
    /// Who it is.
    var metadata: ObjectMetadata { get }
    /// Takes the text that it was decoded from, where its kind keeps that; it is found only then.
    mutating func attach(_ source: () -> ObjectSource?)
}

extension WatchedObject {
    package mutating func attach(_ source: () -> ObjectSource?) {}
}
