package import LogModel

/// A `batch/v1` Job as the API server describes it, with only the fields that Podwire uses.
///
/// Named so because a job of Podwire is something else: it may be a Job, or a Pod alone.
package struct BatchJob: Sendable, Equatable {
    /// Who it is.
    package var metadata: ObjectMetadata
    /// What was asked for.
    package var spec: Spec
    /// How it stands.
    package var status: Status

    /// Makes a Job; for tests.
    package init(metadata: ObjectMetadata, spec: Spec = Spec(), status: Status = Status()) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}

extension BatchJob {
    /// How many Pods are to run, how often they may fail, and for how long.
    package struct Spec: Sendable, Equatable {
        /// How many Pods may run at a time; the server writes 1 where nothing is asked for.
        package var parallelism: Int?
        /// How many Pods must succeed; `nil`: one that succeeds ends the Job.
        package var completions: Int?
        /// How many Pods may fail before the Job does; the server writes 6 where nothing is asked
        /// for.
        package var backoffLimit: Int?
        /// How long the Job may be active before it fails.
        package var activeDeadlineSeconds: Int?
        /// Whether it is to have no Pods just now.
        package var suspend: Bool
        /// `NonIndexed` or `Indexed`; `nil` before Kubernetes 1.21.
        package var completionMode: String?
        /// The labels by which its Pods are found (`spec.selector.matchLabels`).
        package var selector: [String: String]
        /// What its Pods are made from.
        package var template: Template

        /// Describes what was asked for.
        package init(
            parallelism: Int? = nil, completions: Int? = nil, backoffLimit: Int? = nil,
            activeDeadlineSeconds: Int? = nil, suspend: Bool = false,
            completionMode: String? = nil, selector: [String: String] = [:],
            template: Template = Template()
        ) {
            self.parallelism = parallelism
            self.completions = completions
            self.backoffLimit = backoffLimit
            self.activeDeadlineSeconds = activeDeadlineSeconds
            self.suspend = suspend
            self.completionMode = completionMode
            self.selector = selector
            self.template = template
        }
    }

    /// The metadata that its Pods get.
    package struct Template: Sendable, Equatable {
        package var labels: [String: String]
        package var annotations: [String: String]

        /// Describes the Pods.
        package init(labels: [String: String] = [:], annotations: [String: String] = [:]) {
            self.labels = labels
            self.annotations = annotations
        }
    }

    /// How the Job stands.
    ///
    /// | condition that is `True` | the Job |
    /// | --- | --- |
    /// | `Suspended` | has no Pods, as asked for |
    /// | `SuccessCriteriaMet` | will be `Complete` when its last Pods have ended |
    /// | `FailureTarget` | will be `Failed` when its last Pods have ended |
    /// | `Complete` | has ended well |
    /// | `Failed` | has ended; its reason is `BackoffLimitExceeded`, `DeadlineExceeded`, … |
    package struct Status: Sendable, Equatable {
        /// Pods that are pending or running.
        package var active: Int
        package var succeeded: Int
        package var failed: Int
        /// When the Job was first looked at, or resumed last; `nil` while it is suspended, on
        /// newer servers.
        package var startTime: LogTime?
        /// When it became `Complete`; a Job that failed has none, only its condition's time.
        package var completionTime: LogTime?
        package var conditions: [Condition]

        /// Describes a state.
        package init(
            active: Int = 0, succeeded: Int = 0, failed: Int = 0, startTime: LogTime? = nil,
            completionTime: LogTime? = nil, conditions: [Condition] = []
        ) {
            self.active = active
            self.succeeded = succeeded
            self.failed = failed
            self.startTime = startTime
            self.completionTime = completionTime
            self.conditions = conditions
        }
    }
}

extension BatchJob: WatchedObject {
    package static let resource = APIResource(
        group: "batch", version: "v1", plural: "jobs", singular: "job",
        absence: "the status of jobs is read from their Pods alone")
}
