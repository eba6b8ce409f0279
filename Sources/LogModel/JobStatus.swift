/// Where a job or workflow stands: `pending → scheduling → running → end`, with `paused` between.
package enum JobStatus: String, Sendable, CaseIterable, Codable {
    /// Known, but no node has been looked for yet.
    case pending
    /// Waiting for a node, an image or a container's start.
    case scheduling
    /// A main container runs.
    case running
    /// Held by the engine or by `spec.suspend`.
    case paused
    /// Over, with a ``JobOutcome``.
    case end
}

/// How a job or workflow ended.
package enum JobOutcome: String, Sendable, CaseIterable, Codable {
    /// Every main container exited with 0.
    case success
    /// Anything that is none of the others.
    case failure
    /// A deadline passed.
    case timeout
    /// Deleted, or called off by the engine, before it ended by itself.
    case canceled
}

/// What a container is to its Pod.
package enum ContainerKind: String, Sendable, CaseIterable, Codable {
    /// One of `spec.containers`: decides how the job ends and may print outputs.
    case main
    /// Runs to its end before the main containers start.
    case `init`
    /// An init container with `restartPolicy: Always`, beside the main containers.
    case sidecar
    /// Put into a running Pod for debugging.
    case ephemeral
}
