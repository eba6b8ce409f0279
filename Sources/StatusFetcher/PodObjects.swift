import Kubernetes
import LogModel
import Store

/// Which Pods' objects are to be stored: those that differ from what is in the store.
///
/// Of several changes that come at once the last is stored. Memory: a version for each Pod that
/// exists.
struct PodObjects {
    /// One thing to write.
    enum Change: Sendable {
        /// The object as it is now.
        case stored(PodObjectRow)
        /// The Pod is gone; what is stored of it stays.
        case gone(uid: String, at: LogTime)
    }

    /// Bytes of an object that are kept at most, 1 MiB, which is what the API server takes of one,
    /// give or take. Of a larger one only the main things are kept: ``MinimalPodObject``.
    static let limitBytes = 1 << 20

    private struct Known {
        var version: String
        var namespace: String
    }

    private let pack: @Sendable ([UInt8]) -> PackedText
    /// What is stored of Pods that exist, by UID.
    private var known: [String: Known] = [:]
    private var changes: [String: Change] = [:]

    /// Knows of nothing that is stored.
    init(pack: @escaping @Sendable ([UInt8]) -> PackedText) {
        self.pack = pack
    }

    /// Puts back what an earlier run has stored of Pods that existed.
    mutating func restore(_ objects: [StoredVersion]) {
        for object in objects {
            known[object.podUID] = Known(version: object.version, namespace: object.namespace)
        }
    }

    /// Takes in what the watch saw.
    mutating func observe(_ event: PodEvent, at time: LogTime) throws {
        switch event {
        case .updated(let pod): try update(pod, goneAt: nil)
        case .deleted(let pod): try update(pod, goneAt: time)
        case .replaced(let pods, let namespace):
            let listed = Set(pods.map(\.metadata.uid))
            for (uid, object) in known
            where !listed.contains(uid) && (namespace == nil || namespace == object.namespace) {
                known[uid] = nil
                changes[uid] = .gone(uid: uid, at: time)
            }
            for pod in pods { try update(pod, goneAt: nil) }
        }
    }

    /// What is to be written, once.
    mutating func takeChanges() -> [Change] {
        defer { changes = [:] }
        return Array(changes.values)
    }

    private mutating func update(_ pod: Pod, goneAt: LogTime?) throws {
        let metadata = pod.metadata
        let isKnown = known[metadata.uid]?.version == metadata.resourceVersion
        known[metadata.uid] =
            goneAt == nil
            ? Known(version: metadata.resourceVersion, namespace: metadata.namespace) : nil
        guard !isKnown || goneAt != nil, let source = pod.source else { return }
        changes[metadata.uid] = .stored(
            PodObjectRow(
                uid: metadata.uid, namespace: metadata.namespace, name: metadata.name,
                createdAt: metadata.creationTimestamp ?? .now, goneAt: goneAt,
                clusterVersion: metadata.resourceVersion,
                job: metadata.ownerReferences.first { $0.controller && $0.kind == "Job" }?.name,
                labels: metadata.labels, object: pack(try text(of: pod, source))))
    }

    private func text(of pod: Pod, _ source: ObjectSource) throws -> [UInt8] {
        guard source.json.count > Self.limitBytes else { return source.json }
        let metadata = pod.metadata
        let row = PodRow(
            uid: metadata.uid, namespace: metadata.namespace, name: metadata.name,
            node: pod.spec.nodeName, phase: pod.status.phase,
            createdAt: metadata.creationTimestamp ?? .now,
            containers: pod.containers.map { ContainerRow(name: $0.name, kind: $0.kind) })
        return try MinimalPodObject(row).encoded()
    }
}
