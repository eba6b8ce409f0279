import LogModel

/// A Job of a cluster: what was asked for, its controller, and the version that is shown.
struct LiveJob: Sendable {
    let namespace: String
    let uid: String
    let created: LogTime
    private(set) var manifest: JobManifest
    private(set) var generation = 1
    var machine: JobMachine
    private(set) var record: JobRecord
    /// When its controller looks at it next; nil when it waits for something to happen.
    var looksAt: LogTime?
    /// How many Pods it has created.
    var podsMade = 0

    var key: ObjectKey { ObjectKey(namespace, manifest.name) }

    init(
        _ manifest: JobManifest, namespace: String, uid: String, now: LogTime, version: Int,
        hasInterimConditions: Bool
    ) {
        self.namespace = namespace
        self.uid = uid
        created = now
        self.manifest = manifest
        machine = JobMachine(manifest.parsed, hasInterimConditions: hasInterimConditions)
        record = JobRecord(
            ObjectKey(namespace, manifest.name), uid: uid, version: version,
            labels: manifest.labels, succeeded: 0, json: [:])
        show(version: version)
    }

    /// Takes in a changed manifest.
    mutating func change(to manifest: JobManifest) {
        if manifest.spec != self.manifest.spec { generation += 1 }
        self.manifest = manifest
        machine.spec = manifest.parsed
    }

    /// Shows the present state as a new version.
    mutating func show(version: Int) {
        record = JobRecord(
            key, uid: uid, version: version, labels: manifest.labels,
            succeeded: machine.status.succeeded, json: object(version))
    }

    private func object(_ version: Int) -> JSONValue {
        var metadata: JSONValue = [
            "name": .string(manifest.name), "namespace": .string(namespace), "uid": .string(uid),
            "resourceVersion": .string(String(version)), "generation": .int(generation),
            "creationTimestamp": .time(created),
        ]
        if let deletion = machine.deletion {
            metadata["deletionTimestamp"] = .time(deletion)
            metadata["deletionGracePeriodSeconds"] = 0
            metadata["finalizers"] = ["foregroundDeletion"]
        }
        if !manifest.labels.isEmpty { metadata["labels"] = .strings(manifest.labels) }
        if !manifest.annotations.isEmpty {
            metadata["annotations"] = .strings(manifest.annotations)
        }
        return [
            "kind": "Job", "apiVersion": "batch/v1", "metadata": metadata, "spec": manifest.spec,
            "status": machine.status.json,
        ]
    }
}

/// One version of a Job object, encoded once and shared by every list and watch.
package final class JobRecord: ObjectRecord {
    package static let kind = ObjectKind(
        name: "Job", apiVersion: "batch/v1", plural: "jobs", fields: ["status.successful"])

    package let key: ObjectKey
    package let uid: String
    package let resourceVersion: Int
    package let labels: [String: String]
    package let json: [UInt8]
    /// The object, for changes of it.
    let object: JSONValue
    private let succeeded: Int

    init(
        _ key: ObjectKey, uid: String, version: Int, labels: [String: String], succeeded: Int,
        json object: JSONValue
    ) {
        self.key = key
        self.uid = uid
        resourceVersion = version
        self.labels = labels
        self.succeeded = succeeded
        self.object = object
        json = object.encoded
    }

    package static func objects(of tables: ClusterTables) -> ObjectTable<JobRecord> { tables.jobs }

    package func value(ofField name: String) -> String { String(succeeded) }
}
