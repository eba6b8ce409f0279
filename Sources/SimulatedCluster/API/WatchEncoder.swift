/// Writes the events of a watch, one JSON object a line.
struct WatchEncoder<Record: ObjectRecord> {
    /// Whether objects are shown as rows of a table.
    let asTable: Bool
    let clock: any SimulatedClock

    /// Writes an event about an object.
    func event(_ type: String, _ record: Record, to bytes: inout [UInt8]) {
        bytes += "{\"type\":\"\(type)\",\"object\":".utf8
        let table =
            asTable
            ? Record.table(
                [record], resourceVersion: record.resourceVersion, continueToken: nil,
                now: clock.now) : nil
        bytes += table ?? record.json
        bytes += "}\n".utf8
    }

    /// Writes a bookmark: everything up to that version was sent.
    func bookmark(_ version: Int, endsInitial: Bool, to bytes: inout [UInt8]) {
        var metadata: JSONValue = [
            "resourceVersion": .string(String(version)), "creationTimestamp": nil,
        ]
        if endsInitial { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        let object: JSONValue = [
            "kind": .string(Record.kind.name), "apiVersion": .string(Record.kind.apiVersion),
            "metadata": metadata,
            "spec": [:], "status": [:],
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
