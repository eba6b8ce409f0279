package import LogModel

/// One version of a Pod object, encoded once and shared by every list and watch.
package final class PodRecord: Sendable {
    /// The Pod's name.
    package let key: PodKey
    /// The Pod's UID.
    package let uid: String
    /// The version of the cluster in which the Pod became this.
    package let resourceVersion: Int
    /// The labels.
    package let labels: [String: String]
    /// The node's name; empty while there is none.
    package let node: String
    /// The phase.
    package let phase: String
    /// `spec.restartPolicy`.
    package let restartPolicy: String
    /// The time of creation.
    package let created: LogTime
    /// The object as JSON text.
    package let json: [UInt8]
    /// `metadata` as JSON text, for tables.
    package let metadata: [UInt8]
    /// What `kubectl get pods` shows.
    package let row: PodRow

    init(_ object: PodObject) {
        let machine = object.machine
        key = PodKey(object.blueprint.namespace, object.blueprint.name)
        uid = object.uid
        resourceVersion = object.resourceVersion
        labels = object.blueprint.labels
        node = machine.scheduledAt == nil ? "" : object.node
        phase = machine.phase.rawValue
        restartPolicy = object.blueprint.spec["restartPolicy"]?.string ?? "Never"
        created = machine.created
        json = object.json.encoded
        metadata = object.metadata.encoded
        row = PodRow(machine)
    }
}

extension PodRecord: ObjectRecord {
    package static let kind = ObjectKind(
        name: "Pod", apiVersion: "v1", plural: "pods",
        fields: ["spec.nodeName", "spec.restartPolicy", "status.phase"])

    package static func objects(of tables: ClusterTables) -> ObjectTable<PodRecord> { tables.pods }

    package func value(ofField name: String) -> String {
        switch name {
        case "spec.nodeName": node
        case "spec.restartPolicy": restartPolicy
        default: phase
        }
    }

    package static func table(
        _ records: [PodRecord], resourceVersion: Int, continueToken: String?, now: LogTime
    ) -> [UInt8]? {
        PodTable.encode(
            records, resourceVersion: resourceVersion, continueToken: continueToken, now: now)
    }
}
