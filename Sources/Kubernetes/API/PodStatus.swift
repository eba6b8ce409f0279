package import LogModel

extension Pod {
    /// How the Pod and its containers stand.
    package struct Status: Sendable, Equatable {
        /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`; empty before the first report.
        package var phase: String
        package var reason: String?
        package var message: String?
        package var startTime: LogTime?
        package var conditions: [Condition]
        package var podIP: String?
        /// Where it may run once Pods of lower priority have made room.
        package var nominatedNodeName: String?
        package var containerStatuses: [ContainerStatus]
        package var initContainerStatuses: [ContainerStatus]
        package var ephemeralContainerStatuses: [ContainerStatus]

        /// Describes a state.
        package init(
            phase: String = "", reason: String? = nil, message: String? = nil,
            startTime: LogTime? = nil, conditions: [Condition] = [],
            containerStatuses: [ContainerStatus] = [],
            initContainerStatuses: [ContainerStatus] = [],
            ephemeralContainerStatuses: [ContainerStatus] = []
        ) {
            self.phase = phase
            self.reason = reason
            self.message = message
            self.startTime = startTime
            self.conditions = conditions
            self.containerStatuses = containerStatuses
            self.initContainerStatuses = initContainerStatuses
            self.ephemeralContainerStatuses = ephemeralContainerStatuses
        }
    }

    /// How one container stands.
    package struct ContainerStatus: Sendable, Equatable {
        package var name: String
        /// How often it was restarted: the number of the instance that `state` speaks of.
        package var restartCount: Int
        /// The runtime's name for the current instance, such as `containerd://…`.
        package var containerID: String?
        package var state: ContainerState
        /// The instance before this one.
        package var lastState: ContainerState
        /// Whether it takes requests, as its probe says.
        package var ready = false
        /// Whether its start has succeeded, as its startup probe says.
        package var started: Bool?

        /// Describes a container.
        package init(
            name: String, restartCount: Int = 0, containerID: String? = nil,
            state: ContainerState = .unknown, lastState: ContainerState = .unknown
        ) {
            self.name = name
            self.restartCount = restartCount
            self.containerID = containerID
            self.state = state
            self.lastState = lastState
        }
    }

    /// What an instance of a container does.
    package enum ContainerState: Sendable, Equatable {
        /// Not started: an image is pulled, a crashed container waits for its turn, …
        case waiting(reason: String?, message: String?)
        /// Its process runs.
        case running(startedAt: LogTime?)
        /// Its process has ended.
        case terminated(Termination)
        /// Nothing is said.
        case unknown
    }

    /// How an instance of a container ended.
    package struct Termination: Sendable, Equatable {
        package var exitCode: Int
        package var signal: Int?
        /// `Completed`, `Error`, `OOMKilled`, …
        package var reason: String?
        package var message: String?
        package var startedAt: LogTime?
        package var finishedAt: LogTime?
        package var containerID: String?

        /// Describes an end.
        package init(
            exitCode: Int, signal: Int? = nil, reason: String? = nil, message: String? = nil,
            startedAt: LogTime? = nil, finishedAt: LogTime? = nil, containerID: String? = nil
        ) {
            self.exitCode = exitCode
            self.signal = signal
            self.reason = reason
            self.message = message
            self.startedAt = startedAt
            self.finishedAt = finishedAt
            self.containerID = containerID
        }
    }
}
