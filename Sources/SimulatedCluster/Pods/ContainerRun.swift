package import LogModel

/// Where one container of a simulated Pod stands.
package struct ContainerRun: Sendable, Equatable {
    /// How an instance ended.
    package struct Termination: Sendable, Equatable {
        package let exit: ContainerExit
        package let startedAt: LogTime
        package let finishedAt: LogTime
        /// Which instance it was.
        package let attempt: Int
    }

    /// The container's state, in Kubernetes' words.
    ///
    /// | state | can move to | when |
    /// | --- | --- | --- |
    /// | waiting | running | its start delay is over |
    /// | waiting | waiting | an image pull fails, or is put off |
    /// | running | waiting | it exited and is to be restarted (CrashLoopBackOff) |
    /// | running | terminated | it exited for good, or was killed |
    package enum State: Sendable, Equatable {
        case waiting(reason: String, message: String?)
        case running(since: LogTime)
        case terminated(Termination)
    }

    /// What happens to a container by itself.
    enum Event: Sendable, Equatable {
        case start
        case pullFailed
        case pullPutOff
        case exit
    }

    /// How the container behaves.
    package let script: ContainerScript
    /// Where it stands.
    package internal(set) var state: State
    /// How the instance before ended.
    package internal(set) var last: Termination?
    /// The instance that runs or ran last; the restart count. Nil before the first.
    package internal(set) var attempt: Int?
    /// What happens next, and when.
    var next: (at: LogTime, event: Event)?
    /// How often the image could not be pulled.
    var failedPulls = 0

    init(script: ContainerScript) {
        self.script = script
        state = .waiting(reason: "ContainerCreating", message: nil)
    }

    /// Whether it is running.
    package var isRunning: Bool { if case .running = state { true } else { false } }

    /// How it ended for good; nil while it has not.
    package var termination: Termination? {
        if case .terminated(let termination) = state { termination } else { nil }
    }

    /// Whether it has neither started nor is about to.
    var isIdle: Bool { attempt == nil && next == nil && termination == nil }

    package static func == (a: ContainerRun, b: ContainerRun) -> Bool {
        a.script == b.script && a.state == b.state && a.last == b.last && a.attempt == b.attempt
    }

    /// Starts the next instance.
    mutating func start(at time: LogTime) {
        let attempt = attempt.map { $0 + 1 } ?? 0
        self.attempt = attempt
        state = .running(since: time)
        next = nil
        guard script.log.pace == .clock, let total = script.log.total else { return }
        let schedule = LogSchedule(start: time, script: script.log)
        let lastLine = total > 0 ? schedule.time(of: total - 1) : time
        next = (lastLine + script.exitDelay, .exit)
    }

    /// Ends the running instance by its script: for good, or with a restart to come.
    mutating func exit(at time: LogTime) {
        guard case .running(let startedAt) = state, let attempt else { return }
        let exit = script.exits[min(attempt, script.exits.count - 1)]
        let termination = Termination(
            exit: exit, startedAt: startedAt, finishedAt: time, attempt: attempt)
        guard attempt + 1 < script.exits.count else {
            state = .terminated(termination)
            next = nil
            return
        }
        last = termination
        state = .waiting(
            reason: "CrashLoopBackOff",
            message: "back-off \(script.restartDelay) restarting failed container=\(script.name)")
        next = (time + script.restartDelay, .start)
    }

    /// Ends the container for good, whatever its script says; one that never ran stays waiting.
    mutating func kill(at time: LogTime, _ exit: ContainerExit) {
        next = nil
        guard case .running(let startedAt) = state, let attempt else {
            if case .waiting = state, let last { state = .terminated(last) }
            return
        }
        state = .terminated(
            Termination(exit: exit, startedAt: startedAt, finishedAt: time, attempt: attempt))
    }

    /// Takes a failed image pull: first the error, then an ever longer back-off.
    mutating func failPull(at time: LogTime, isPutOff: Bool) {
        let image = script.image
        if isPutOff {
            state = .waiting(
                reason: "ImagePullBackOff", message: "Back-off pulling image \"\(image)\"")
            let pause = min(300, 10 << min(failedPulls, 5))
            next = (time + .seconds(pause), .pullFailed)
        } else {
            failedPulls += 1
            state = .waiting(
                reason: "ErrImagePull",
                message: "failed to pull and unpack image \"\(image)\": not found")
            next = (time + .seconds(2), .pullPutOff)
        }
    }
}
