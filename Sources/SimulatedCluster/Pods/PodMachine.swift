package import LogModel

/// The life of one simulated Pod: a pure state machine. Time comes in as an argument, and all that
/// follows from the script happens at its own exact time, however late it is asked for.
///
/// | phase | can move to | when |
/// | --- | --- | --- |
/// | pending | running | every init container has exited with 0 and a main container has started |
/// | pending | failed | an init container failed for good, the deadline passed |
/// | running | succeeded, failed | every main container has ended, sidecars are stopped |
///
/// Deletion stops what runs and then removes the Pod, from any phase.
package struct PodMachine: Sendable {
    /// The Pod's phase, as Kubernetes spells it.
    package enum Phase: String, Sendable {
        case pending = "Pending"
        case running = "Running"
        case succeeded = "Succeeded"
        case failed = "Failed"
    }

    /// What the cluster has to do after a step, besides showing the new state.
    package enum Action: Sendable, Equatable {
        /// An instance has started: it has a log now.
        case started(container: Int, attempt: Int, at: LogTime)
        /// The running instance has ended.
        case ended(container: Int, at: LogTime)
        /// The Pod is gone.
        case removed(at: LogTime)
    }

    private enum Event: Int {
        case schedule, deadline, container, stop, remove
    }

    /// How long a container that was told to stop runs on.
    static let stopDelay = Duration.seconds(1)

    /// How the Pod behaves.
    package let script: JobScript
    /// The time of creation.
    package let created: LogTime
    /// The containers, in the script's order.
    package private(set) var containers: [ContainerRun]
    /// The phase.
    package private(set) var phase = Phase.pending
    /// The Pod's own reason and message, as `DeadlineExceeded`.
    package private(set) var reason: (reason: String, message: String)?
    /// When a node was found.
    package private(set) var scheduledAt: LogTime?
    /// When it was first clear that no node can be found.
    package private(set) var unschedulableSince: LogTime?
    /// When the Pod was told to go, and how long it was given.
    package private(set) var deletion: (at: LogTime, graceSeconds: Int)?

    private var endedAt: LogTime?
    private var scheduleAt: LogTime?
    private var deadlineAt: LogTime?
    private var stopAt: LogTime?
    private var removeAt: LogTime?
    private var isRemoved = false

    /// A Pod that was created at `created`.
    package init(script: JobScript, created: LogTime) {
        self.script = script
        self.created = created
        containers = script.containers.map(ContainerRun.init)
        scheduleAt = created + script.scheduleDelay
        if script.containers.contains(where: { $0.kind == .`init` || $0.kind == .sidecar }) {
            for index in containers.indices where containers[index].script.kind == .main {
                containers[index].state = .waiting(reason: "PodInitializing", message: nil)
            }
            let first = containers.firstIndex { $0.script.kind != .main } ?? 0
            for index in containers.indices where index != first {
                containers[index].state = .waiting(reason: "PodInitializing", message: nil)
            }
        }
    }

    /// When something happens next; nil when nothing does by itself.
    package var next: LogTime? { upcoming?.at }

    /// Takes the earliest step that is due at `now`; nil when none is.
    ///
    /// - Returns: what it means for logs. The state is exactly what it was right after that step.
    package mutating func step(upTo now: LogTime) -> [Action]? {
        guard let (at, event, container) = upcoming, at <= now else { return nil }
        var actions: [Action] = []
        switch event {
        case .schedule: schedule(at)
        case .container: actions = stepContainer(container, at)
        case .deadline:
            reason = (
                "DeadlineExceeded", "Pod was active on the node longer than the specified deadline"
            )
            deadlineAt = nil
            actions = killAll(at, ContainerExit(code: 137))
            phase = .failed
            endedAt = at
        case .stop:
            stopAt = nil
            actions = killAll(at, ContainerExit(code: 143))
            removeAt = at + .milliseconds(100)
        case .remove:
            actions = killAll(at, ContainerExit(code: 137))
            isRemoved = true
            return actions + [.removed(at: at)]
        }
        settle(at)
        return actions
    }

    /// Tells the Pod to go. A second order can only shorten the time it has.
    package mutating func delete(at now: LogTime, graceSeconds: Int) {
        let grace = scheduledAt == nil ? 0 : graceSeconds
        deletion = deletion ?? (now, grace)
        scheduleAt = nil
        deadlineAt = nil
        if grace == 0 || !containers.contains(where: \.isRunning) {
            removeAt = grace == 0 ? now : now + .milliseconds(100)
            stopAt = nil
        } else {
            stopAt = stopAt ?? now + min(Self.stopDelay, .seconds(grace))
        }
        for index in containers.indices where !containers[index].isRunning {
            containers[index].next = nil
        }
    }

    /// Notes that the log of a container that waits for its reader was read to the end.
    package mutating func wasReadToEnd(container: Int, attempt: Int, at now: LogTime) {
        let run = containers[container]
        guard run.isRunning, run.attempt == attempt, run.next == nil,
            case .running(let since) = run.state, let total = run.script.log.total
        else { return }
        let lines = LogSchedule(start: since, script: run.script.log)
        let last = total > 0 ? lines.time(of: total - 1) : since
        containers[container].next = (max(now, last) + run.script.exitDelay, .exit)
    }

    private var upcoming: (at: LogTime, event: Event, container: Int)? {
        guard !isRemoved else { return nil }
        var first: (at: LogTime, event: Event, container: Int)?
        func consider(_ at: LogTime?, _ event: Event, _ container: Int = 0) {
            guard let at, first.map({ at < $0.at }) ?? true else { return }
            first = (at, event, container)
        }
        consider(scheduleAt, .schedule)
        consider(deadlineAt, .deadline)
        for (index, run) in containers.enumerated() { consider(run.next?.at, .container, index) }
        consider(stopAt, .stop)
        consider(removeAt, .remove)
        return first
    }

    private mutating func schedule(_ at: LogTime) {
        scheduleAt = nil
        guard script.isSchedulable else {
            unschedulableSince = at
            return
        }
        scheduledAt = at
        deadlineAt = script.deadline.map { at + $0 }
    }

    private mutating func stepContainer(_ index: Int, _ at: LogTime) -> [Action] {
        switch containers[index].next?.event {
        case .start where !containers[index].script.canPullImage, .pullFailed:
            containers[index].failPull(at: at, isPutOff: false)
        case .pullPutOff:
            containers[index].failPull(at: at, isPutOff: true)
        case .start:
            containers[index].start(at: at)
            return [.started(container: index, attempt: containers[index].attempt ?? 0, at: at)]
        case .exit:
            containers[index].exit(at: at)
            return [.ended(container: index, at: at)]
        case nil: break
        }
        return []
    }

    private mutating func killAll(_ at: LogTime, _ exit: ContainerExit) -> [Action] {
        var actions: [Action] = []
        for index in containers.indices {
            if containers[index].isRunning { actions.append(.ended(container: index, at: at)) }
            containers[index].kill(at: at, exit)
        }
        return actions
    }

    /// Brings what follows from the containers' states up to date: who may start, whether it is
    /// over.
    private mutating func settle(_ at: LogTime) {
        guard scheduledAt != nil, endedAt == nil else {
            settleRemoval()
            return
        }
        if deletion == nil { startThoseWhoMay(at) }
        let mains = containers.filter { $0.script.kind == .main }
        if phase == .pending, mains.contains(where: { $0.attempt != nil }) { phase = .running }
        let failedInit = containers.contains {
            $0.script.kind == .`init` && ($0.termination?.exit.code ?? 0) != 0
        }
        guard failedInit || mains.allSatisfy({ $0.termination != nil }) else { return }
        let sidecars = containers.indices.filter { containers[$0].script.kind == .sidecar }
        for index in sidecars where containers[index].isRunning && containers[index].next == nil {
            containers[index].next = (at + .milliseconds(200), .exit)
        }
        guard !sidecars.contains(where: { containers[$0].isRunning }) else { return }
        let isGood = !failedInit && mains.allSatisfy { $0.termination?.exit.code == 0 }
        phase = isGood ? .succeeded : .failed
        endedAt = at
        deadlineAt = nil
        settleRemoval()
    }

    private mutating func settleRemoval() {
        if deletion == nil, let endedAt, let keptFor = script.keptFor {
            removeAt = removeAt ?? endedAt + keptFor
        }
        if deletion != nil, stopAt != nil, !containers.contains(where: \.isRunning) {
            removeAt = stopAt
            stopAt = nil
        }
    }

    private mutating func startThoseWhoMay(_ at: LogTime) {
        for index in containers.indices where containers[index].script.kind != .main {
            let run = containers[index]
            if run.isIdle { prepare(index, at) }
            let isDone =
                run.script.kind == .sidecar ? run.attempt != nil : run.termination?.exit.code == 0
            guard isDone else { return }
        }
        for index in containers.indices where containers[index].script.kind == .main {
            if containers[index].isIdle { prepare(index, at) }
        }
    }

    private mutating func prepare(_ index: Int, _ at: LogTime) {
        if containers[index].script.kind != .main {
            containers[index].state = .waiting(reason: "PodInitializing", message: nil)
        } else {
            containers[index].state = .waiting(reason: "ContainerCreating", message: nil)
        }
        containers[index].next = (at + containers[index].script.startDelay, .start)
    }
}
