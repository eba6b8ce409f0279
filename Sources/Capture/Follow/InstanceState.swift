package import Kubernetes
import LogModel

/// How one container instance stands, as the Pod's status tells it.
package enum InstanceState: Sendable, Equatable {
    /// How an instance ended.
    package struct End: Sendable, Equatable {
        package var exitCode: Int?
        package var reason: String?

        /// Describes an end; everything is `nil` when nobody recorded it.
        package init(exitCode: Int? = nil, reason: String? = nil) {
            self.exitCode = exitCode
            self.reason = reason
        }
    }

    /// It was not started: there is no log, and asking for one is useless.
    case waiting
    /// Its process runs.
    case running
    /// Its process has ended, and it is still the container's latest instance.
    case terminated(End)
    /// The container was started again: the log is the one that `previous=true` names.
    case replaced(End)
    /// The container was started again more than once: the log cannot be asked for any more.
    case outOfReach(End)
    /// The Pod does not exist any more.
    case gone

    /// How the instance ended; `nil` while it has not.
    package var end: End? {
        switch self {
        case .terminated(let end), .replaced(let end), .outOfReach(let end): end
        case .waiting, .running, .gone: nil
        }
    }

    /// How the instance `attempt` of a container stands whose status is `status`.
    ///
    /// | `state` | `restartCount` is | the instance before it |
    /// | --- | --- | --- |
    /// | running, terminated | the number of that instance | `lastState`, reached by `previous` |
    /// | waiting, `lastState` terminated (CrashLoopBackOff) | the number of the instance in `lastState` | out of reach |
    /// | waiting, nothing in `lastState` | 0 | – |
    package init(attempt: Int, of status: Pod.ContainerStatus?) {
        guard let status else {
            self = .waiting
            return
        }
        // Saturated: a negative restart count is nonsense, and no reason to crash.
        let (exact, isBeyond) = attempt.subtractingReportingOverflow(status.restartCount)
        let difference = isBeyond ? (attempt > status.restartCount ? Int.max : .min) : exact
        switch (difference, status.state, status.lastState) {
        case (1..., _, _): self = .waiting
        case (0, .running, _): self = .running
        case (0, .terminated(let end), _): self = .terminated(End(end))
        case (0, _, .terminated(let end)): self = .terminated(End(end))
        case (0, _, _): self = .waiting
        case (-1, .running, .terminated(let end)), (-1, .terminated, .terminated(let end)):
            self = .replaced(End(end))
        case (-1, .running, _), (-1, .terminated, _): self = .replaced(End())
        default: self = .outOfReach(End())
        }
    }
}

extension InstanceState {
    /// How the instance stands when its follow has ended, by the status of its Pod.
    ///
    /// Kubelets report a Pod as failed for its deadline and then never say how its containers ended:
    /// with 1.20.2 the Pod is `Failed`, `DeadlineExceeded`, and its container `running` for ever. So
    /// an instance of a finished Pod counts as ended, without an exit code. Not before its follow has
    /// ended, while a body of it is `open`: the Pod is `Failed` while its containers may still write,
    /// until they are killed.
    func concluded(by status: Pod.Status, open: Bool = false) -> InstanceState {
        guard self == .running, !open, status.phase == "Succeeded" || status.phase == "Failed"
        else { return self }
        return .terminated(End(reason: status.reason))
    }
}

extension InstanceState.End {
    init(_ termination: Pod.Termination) {
        self.init(exitCode: termination.exitCode, reason: termination.reason)
    }
}
