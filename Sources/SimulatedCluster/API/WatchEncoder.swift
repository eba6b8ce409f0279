/// Writes the events of a watch, one JSON object a line.
struct WatchEncoder {
    /// Whether Pods are shown as rows of a table.
    let asTable: Bool
    let clock: any SimulatedClock

    /// Writes an event about a Pod.
    func event(_ type: String, _ pod: PodRecord, to bytes: inout [UInt8]) {
        bytes += "{\"type\":\"\(type)\",\"object\":".utf8
        if asTable {
            PodTable.encode([pod], resourceVersion: pod.resourceVersion, now: clock.now, to: &bytes)
        } else {
            bytes += pod.json
        }
        bytes += "}\n".utf8
    }

    /// Writes a bookmark: everything up to that version was sent.
    func bookmark(_ version: Int, endsInitial: Bool, to bytes: inout [UInt8]) {
        var metadata: JSONValue = [
            "resourceVersion": .string(String(version)), "creationTimestamp": nil,
        ]
        if endsInitial { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        let object: JSONValue = [
            "kind": "Pod", "apiVersion": "v1", "metadata": metadata,
            "spec": ["containers": nil], "status": [:],
        ]
        (["type": "BOOKMARK", "object": object] as JSONValue).encode(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Writes the failure that ends a watch.
    func error(_ error: StatusError, to bytes: inout [UInt8]) {
        (["type": "ERROR", "object": error.object] as JSONValue).encode(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
    }
}
