package import LogModel

/// The name of an object within its cluster and kind. The order is that of lists.
package struct ObjectKey: Hashable, Comparable, Sendable {
    /// The namespace.
    package let namespace: String
    /// The name.
    package let name: String

    /// Names an object.
    package init(_ namespace: String, _ name: String) {
        self.namespace = namespace
        self.name = name
    }

    package static func < (a: ObjectKey, b: ObjectKey) -> Bool {
        (a.namespace, a.name) < (b.namespace, b.name)
    }
}

package typealias PodKey = ObjectKey

/// What a kind of object is called.
package struct ObjectKind: Sendable, Equatable {
    /// As in `kind`: `Pod`.
    let name: String
    /// As in `apiVersion`: `v1`, `batch/v1`.
    let apiVersion: String
    /// As in paths: `pods`.
    let plural: String
    /// What a field selector may name besides `metadata.name` and `metadata.namespace`.
    let fields: Set<String>

    /// As permissions and messages have it: `pods`, `jobs.batch`.
    var qualifiedName: String {
        guard let slash = apiVersion.firstIndex(of: "/") else { return plural }
        return "\(plural).\(apiVersion[..<slash])"
    }
}

/// One version of an object, encoded once and shared by every list and watch.
package protocol ObjectRecord: AnyObject, Sendable {
    /// Its kind.
    static var kind: ObjectKind { get }
    /// The table of a cluster that has it.
    static func objects(of tables: ClusterTables) -> ObjectTable<Self>
    /// The object's name.
    var key: ObjectKey { get }
    /// The version of the cluster in which the object became this.
    var resourceVersion: Int { get }
    /// The labels.
    var labels: [String: String] { get }
    /// The object as JSON text.
    var json: [UInt8] { get }
    /// The value of a field among the kind's `fields`.
    func value(ofField name: String) -> String
    /// Objects as a `Table`; nil where the kind is not shown as one.
    static func table(
        _ records: [Self], resourceVersion: Int, continueToken: String?, now: LogTime
    ) -> [UInt8]?
}

extension ObjectRecord {
    package static func table(
        _ records: [Self], resourceVersion: Int, continueToken: String?, now: LogTime
    ) -> [UInt8]? { nil }
}
