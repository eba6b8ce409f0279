package import LogModel

/// How an instance of a container ends.
package struct ContainerExit: Sendable, Equatable {
    /// The exit code.
    package var code: Int
    /// Kubernetes' word: by default `Completed` for 0 and `Error` for all else.
    package var reason: String

    /// An exit with this code.
    package init(code: Int, reason: String? = nil) {
        self.code = code
        self.reason = reason ?? (code == 0 ? "Completed" : "Error")
    }
}

/// How one container of a simulated Pod behaves.
package struct ContainerScript: Sendable, Equatable {
    /// The container's name.
    package var name: String
    /// Main, init or sidecar.
    package var kind: ContainerKind
    /// The image's name: only shown.
    package var image = "registry.example/job:1"
    /// What each instance writes.
    package var log = LogScript()
    /// One for each instance, in order: all but the last are followed by a restart.
    package var exits = [ContainerExit(code: 0)]
    /// From the moment the container may start to its start.
    package var startDelay = Duration.milliseconds(300)
    /// From the last line to the exit.
    package var exitDelay = Duration.milliseconds(100)
    /// From an exit to the start of the next instance, spent in CrashLoopBackOff.
    package var restartDelay = Duration.seconds(1)
    /// Whether the image can be pulled.
    package var canPullImage = true
    /// What the requests for each instance's log meet, in their order; nil draws it from the
    /// cluster's mixture.
    package var logFaults: [LogFault]?

    /// A container that runs once, prints 50 lines and succeeds.
    package init(name: String, kind: ContainerKind = .main) {
        self.name = name
        self.kind = kind
    }
}

/// How a simulated Pod behaves from its creation to its end: all that happens follows from this
/// and from the time of creation.
package struct JobScript: Sendable, Equatable {
    /// Makes this Pod's log text differ from others'.
    package var seed: UInt64 = 0
    /// The version of the kubelet of the Pod's node.
    package var kubelet = KubeletVersion.standard
    /// From creation to a node.
    package var scheduleDelay = Duration.milliseconds(200)
    /// Whether a node is ever found.
    package var isSchedulable = true
    /// The time that the Pod may run, `spec.activeDeadlineSeconds`.
    package var deadline: Duration?
    /// How long the Pod stays after its end; nil keeps it until someone deletes it.
    package var keptFor: Duration?
    /// The containers: init containers and sidecars in their order, then the main ones.
    package var containers: [ContainerScript]

    /// A Pod with these containers.
    package init(containers: [ContainerScript]) {
        precondition(
            containers.contains { $0.kind == .main }, "a Pod has at least one main container")
        self.containers = containers
    }
}
