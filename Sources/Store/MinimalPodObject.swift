import Foundation
import LogModel

/// The main things of a Pod as an object of Kubernetes: where the object itself was never seen, or
/// is too large to keep.
package struct MinimalPodObject: Encodable {
    struct Metadata: Encodable {
        let name: String
        let namespace: String
        let uid: String
        let creationTimestamp: String
    }

    struct Container: Encodable {
        let name: String
    }

    struct Spec: Encodable {
        let nodeName: String?
        let containers: [Container]
        let initContainers: [Container]?
        let ephemeralContainers: [Container]?
    }

    struct Status: Encodable {
        let phase: String
    }

    let metadata: Metadata
    let spec: Spec
    let status: Status

    /// What is known of `pod`.
    package init(_ pod: PodRow) {
        func containers(_ kinds: ContainerKind...) -> [Container]? {
            let found = pod.containers.filter { kinds.contains($0.kind) }
            return found.isEmpty ? nil : found.map { Container(name: $0.name) }
        }
        // Kubernetes' times of objects have whole seconds.
        let second = LogTime(seconds: pod.createdAt.nanoseconds / 1_000_000_000)
        metadata = Metadata(
            name: pod.name, namespace: pod.namespace, uid: pod.uid,
            creationTimestamp: String(second.description.prefix(19)) + "Z")
        spec = Spec(
            nodeName: pod.node, containers: containers(.main) ?? [],
            initContainers: containers(.`init`, .sidecar),
            ephemeralContainers: containers(.ephemeral))
        status = Status(phase: pod.phase)
    }

    /// The object as JSON, its metadata first.
    package func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}
