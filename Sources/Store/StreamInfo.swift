package import LogModel

/// What is known of a stream before its first line.
package struct StreamDescriptor: Sendable {
    /// The container instance.
    package var id: StreamID
    /// The Pod's namespace.
    package var namespace: String
    /// The Pod's name.
    package var pod: String
    /// What the container is to its Pod.
    package var kind: ContainerKind
    /// The row of the job it belongs to.
    package var job: Int64?
    /// When the container was started.
    package var startedAt: LogTime?

    /// Describes a stream.
    package init(
        id: StreamID, namespace: String, pod: String, kind: ContainerKind, job: Int64? = nil,
        startedAt: LogTime? = nil
    ) {
        self.id = id
        self.namespace = namespace
        self.pod = pod
        self.kind = kind
        self.job = job
        self.startedAt = startedAt
    }
}

/// Whether more lines may come.
package enum StreamState: String, Sendable {
    /// Lines may come.
    case live
    /// The log is complete.
    case ended
}

/// A stream as the store has it.
package struct StreamInfo: Sendable, Equatable {
    /// The stream's row.
    package var row: Int64
    /// The container instance.
    package var id: StreamID
    /// The Pod's namespace.
    package var namespace: String
    /// The Pod's name.
    package var pod: String
    /// What the container is to its Pod.
    package var kind: ContainerKind
    /// The row of the job it belongs to.
    package var job: Int64?
    /// Whether more lines may come.
    package var state: StreamState
    /// Stored lines, gap records included; the number of the next one.
    package var lines: Int64
    /// Stored bytes of text, gap records included.
    package var bytes: Int64
    /// The timestamp of the last line.
    package var lastTime: LogTime?
    /// The largest timestamp.
    package var maxTime: LogTime?
    /// When it was first seen.
    package var openedAt: LogTime
    /// When the container was started.
    package var startedAt: LogTime?
    /// When the stream was marked as ended.
    package var endedAt: LogTime?
    /// The container's exit code.
    package var exitCode: Int?
    /// Why the container ended, as Kubernetes says it.
    package var reason: String?
    /// Gap records.
    package var gaps: Int
    /// When retention deleted the lines; `nil` while they are there.
    package var deletedAt: LogTime?
}

/// Which streams are asked for; what is `nil` does not matter.
package struct StreamQuery: Sendable {
    /// The Pod's namespace.
    package var namespace: String?
    /// The Pod's name.
    package var pod: String?
    /// The Pod's UID.
    package var podUID: String?
    /// The container's name.
    package var container: String?
    /// The container's restart count.
    package var attempt: Int?
    /// The row of a job.
    package var job: Int64?
    /// Whether more lines may come.
    package var state: StreamState?
    /// How many are returned at most.
    package var limit = 1_000

    /// Asks for every stream, up to ``limit``.
    package init() {}

    /// Asks for the streams of the Pods of one name.
    package init(
        namespace: String, pod: String, podUID: String? = nil, container: String? = nil,
        attempt: Int? = nil
    ) {
        self.namespace = namespace
        self.pod = pod
        self.podUID = podUID
        self.container = container
        self.attempt = attempt
    }

    /// Asks for one stream.
    package init(id: StreamID) {
        podUID = id.podUID
        container = id.container
        attempt = id.attempt
    }
}

/// What resuming a follow needs to know of the last line of the container's own, gap records aside.
package struct LastLine: Sendable, Equatable {
    /// Its number.
    package var line: Int64
    /// Its timestamp.
    package var time: LogTime
    /// The largest timestamp of the stream.
    package var maxTime: LogTime
    /// Whether it was closed by a newline.
    package var endsWithNewline: Bool
}

/// A gap record at its place in a stream.
package struct NumberedGap: Sendable, Equatable {
    /// Its line number.
    package var line: Int64
    /// What is missing.
    package var gap: GapRecord
}
