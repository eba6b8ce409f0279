package import LogModel

/// A run of a workflow.
package struct WorkflowRow: Sendable, Equatable {
    /// The row; 0 before it is stored.
    package var id: Int64
    /// What tells this run from others of the same name.
    package var uid: String
    /// The Kubernetes namespace.
    package var namespace: String
    /// The workflow's name.
    package var name: String
    /// Where it stands.
    package var status: JobStatus
    /// How it ended.
    package var outcome: JobOutcome?
    /// Why, in one word.
    package var reason: String?
    /// Why, in a sentence.
    package var message: String?
    /// What the engine declared (stages, jobs, their order), and said since, as JSON.
    package var plan: [UInt8]?
    /// When it was first seen or declared.
    package var createdAt: LogTime
    /// When its first job ran.
    package var startedAt: LogTime?
    /// When it ended.
    package var endedAt: LogTime?

    /// A workflow that is not stored yet.
    package init(
        uid: String, namespace: String, name: String, status: JobStatus, createdAt: LogTime
    ) {
        id = 0
        self.uid = uid
        self.namespace = namespace
        self.name = name
        self.status = status
        self.createdAt = createdAt
    }
}

/// A run of a job.
package struct JobRow: Sendable, Equatable {
    /// The row; 0 before it is stored.
    package var id: Int64
    /// The UID of the Job, or of the bare Pod.
    package var uid: String
    /// Namespace, workflow and job.
    package var key: JobKey
    /// The stage of the workflow.
    package var stage: String?
    /// Where it stands.
    package var status: JobStatus
    /// How it ended.
    package var outcome: JobOutcome?
    /// Why, in one word.
    package var reason: String?
    /// Why, in a sentence.
    package var message: String?
    /// The exit code of the main container that decided the outcome.
    package var exitCode: Int?
    /// When it was first seen or declared.
    package var createdAt: LogTime
    /// When its main container ran.
    package var startedAt: LogTime?
    /// When it ended.
    package var endedAt: LogTime?
    /// The token that output lines must carry.
    package var outputToken: String?
    /// The uid of the workflow's run that it belongs to.
    package var run: String?
    /// How often it has begun.
    package var attempt = 1
    /// The Job that owns its Pods, as its writer encodes it.
    package var owner: [UInt8]?
    /// Whether that Job's object exists.
    package var isOwnerPresent = false

    /// A job that is not stored yet.
    package init(uid: String, key: JobKey, status: JobStatus, createdAt: LogTime) {
        id = 0
        self.uid = uid
        self.key = key
        self.status = status
        self.createdAt = createdAt
    }
}

/// A Pod.
package struct PodRow: Sendable, Equatable {
    /// The Pod's UID.
    package var uid: String
    /// The Kubernetes namespace.
    package var namespace: String
    /// The Pod's name.
    package var name: String
    /// The row of the job it belongs to.
    package var job: Int64?
    /// The node it is bound to.
    package var node: String?
    /// Its phase, as Kubernetes says it.
    package var phase: String
    /// When it was created.
    package var createdAt: LogTime
    /// When its object was gone.
    package var deletedAt: LogTime?
    /// The container that is meant where none is named.
    package var defaultContainer: String?
    /// Its containers, in the order of the spec.
    package var containers: [ContainerRow]
    /// What its status said of the job, as its writer encodes it.
    package var state: [UInt8]?

    /// Describes a Pod.
    package init(
        uid: String, namespace: String, name: String, job: Int64? = nil, node: String? = nil,
        phase: String, createdAt: LogTime, deletedAt: LogTime? = nil,
        defaultContainer: String? = nil, containers: [ContainerRow] = [], state: [UInt8]? = nil
    ) {
        self.uid = uid
        self.namespace = namespace
        self.name = name
        self.job = job
        self.node = node
        self.phase = phase
        self.createdAt = createdAt
        self.deletedAt = deletedAt
        self.defaultContainer = defaultContainer
        self.containers = containers
        self.state = state
    }
}

/// A container of a Pod's spec.
package struct ContainerRow: Sendable, Equatable {
    /// The container's name.
    package var name: String
    /// What it is to its Pod.
    package var kind: ContainerKind

    /// Describes a container.
    package init(name: String, kind: ContainerKind) {
        self.name = name
        self.kind = kind
    }
}

/// The last value of one key of a job's outputs.
package struct OutputRow: Sendable, Equatable {
    /// The key.
    package var key: String
    /// The value, as printed.
    package var value: [UInt8]
    /// The row of the stream that printed it.
    package var stream: Int64
    /// The line that printed it.
    package var line: Int64
    /// The sequence number of its event.
    package var sequence: Int64
}

/// A `JOB_OUT` line that was refused.
package struct RejectedRow: Sendable, Equatable {
    /// The row of the stream that printed it.
    package var stream: Int64
    /// The line.
    package var line: Int64
    /// Why it was refused.
    package var reason: String
}

/// Sums over the streams of a job.
package struct JobTotals: Sendable, Equatable {
    /// Stored lines.
    package var lines: Int64
    /// Stored bytes of text.
    package var bytes: Int64
    /// Gap records.
    package var gaps: Int
    /// Refused output lines.
    package var rejected: Int
    /// Keys with a value.
    package var outputs: Int
}

/// A durable reader of the event feed.
package struct ConsumerRow: Sendable, Equatable {
    /// Its name.
    package var name: String
    /// Its filter, as JSON.
    package var filter: [UInt8]
    /// The sequence number of the last event it acknowledged.
    package var acknowledged: Int64
    /// When it was made.
    package var createdAt: LogTime

    /// Describes a consumer.
    package init(name: String, filter: [UInt8], acknowledged: Int64, createdAt: LogTime) {
        self.name = name
        self.filter = filter
        self.acknowledged = acknowledged
        self.createdAt = createdAt
    }
}
