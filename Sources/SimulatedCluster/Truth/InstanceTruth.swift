import LogModel

/// Everything that is known about the log of one instance, but its bytes.
///
/// | member | value |
/// | --- | --- |
/// | `namespace` `pod` `uid` `container` `kind` `attempt` | which instance |
/// | `lines` `bytes` | written so far, newlines included |
/// | `ended` | whether there will never be more |
/// | `rotations` | for each: `line`, the first that is served from then on; `time` |
/// | `bodies` | for each run of consecutive lines that a body sent: see below |
/// | `lost` | null, or from when on (`at`) nothing can be read, and `why` |
///
/// A body has `opened`, `closed` (null while it is open), `close` (`end`, `cut`, `client`, `open`),
/// `fault` (the entry that it suffered, or null) and `follow`; `from` and `to` say which whole lines
/// were handed to the socket, `to` not included. A body that left lines out has an entry for each
/// run. A client that went away need not have received all of them.
package struct InstanceTruth: Sendable {
    /// Which instance it is.
    package let identity: InstanceIdentity
    /// Lines that were written.
    package let lines: Int
    /// Whether there will never be more.
    package let hasEnded: Bool
    /// The begins of new files.
    package let rotations: [LogFiles.Rotation]
    /// What was sent.
    package let bodies: [BodyLedger.Body]
    /// Since when and why nothing can be read any more.
    package let loss: InstanceLog.Loss?

    /// Writes the truth as one JSON object and a newline; `size` is that of all lines.
    func encode(size: Int, to bytes: inout [UInt8]) {
        let value: JSONValue = [
            "namespace": .string(identity.pod.namespace), "pod": .string(identity.pod.name),
            "uid": .string(identity.uid), "container": .string(identity.container),
            "kind": .string(identity.kind.rawValue), "attempt": .int(identity.attempt),
            "lines": .int(lines), "bytes": .int(size), "ended": .bool(hasEnded),
            "rotations": .array(
                rotations.map { ["line": .int($0.line), "time": .string($0.time.description)] }),
            "bodies": .array(bodies.flatMap(Self.entries)),
            "lost": loss.map {
                ["at": .string($0.time.description), "why": .string($0.reason.rawValue)]
            } ?? nil,
        ]
        value.encode(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func entries(of body: BodyLedger.Body) -> [JSONValue] {
        body.runs.map { run in
            [
                "from": .int(run.lowerBound), "to": .int(run.upperBound),
                "opened": .string(body.opened.description),
                "closed": body.closed.map { .string($0.description) } ?? nil,
                "close": .string(body.close.rawValue),
                "fault": body.fault.map { .string($0) } ?? nil, "follow": .bool(body.follow),
            ]
        }
    }
}
