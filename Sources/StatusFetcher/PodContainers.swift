import Kubernetes
import LogModel

/// A Pod's containers, sorted by what they are to its job.
struct PodContainers {
    /// A container that failed, and how.
    struct Culprit {
        let container: PodContainer
        let end: Pod.Termination
    }

    /// All, in the order init, sidecar, main, ephemeral.
    let all: [PodContainer]
    /// The main containers that do the job's work.
    let counting: [PodContainer]
    /// The other main containers.
    let uncounted: [PodContainer]

    /// The containers of `pod`; `counting` names those that do the work, `nil`: all main ones.
    init(_ pod: Pod, counting names: Set<String>?) {
        all = pod.containers
        let main = all.filter { $0.kind == .main }
        counting = main.filter { names?.contains($0.name) ?? true }
        uncounted = main.filter { !(names?.contains($0.name) ?? true) }
    }

    /// Whether a container that counts runs or has run.
    var hasStarted: Bool { counting.contains { $0.status?.hasLog == true } }

    /// Whether every container that counts has ended.
    var haveAllEnded: Bool {
        !counting.isEmpty && counting.allSatisfy { $0.termination != nil }
    }

    /// Whether every container that counts has ended with exit code 0.
    var haveAllSucceeded: Bool {
        !counting.isEmpty && counting.allSatisfy { $0.termination?.exitCode == 0 }
    }

    /// Whether every container that counts has ended for good, while others may run on.
    var isWorkOver: Bool {
        !uncounted.isEmpty && !counting.isEmpty
            && counting.allSatisfy { container in
                container.termination.map { container.restarts.isOver(after: $0.exitCode) } ?? false
            }
    }

    /// The names of the containers that do not count and have not ended for good: the sidecars among
    /// the init containers, and those of a debugger, run for as long as the main ones do.
    var running: Set<String> {
        let beside = all.filter { $0.kind == .sidecar || $0.kind == .ephemeral }
        return Set(
            (uncounted + beside).filter { container in
                !(container.termination.map { container.restarts.isOver(after: $0.exitCode) }
                    ?? false)
            }.map(\.name))
    }

    /// The container that failed first: one that counts, else an init container, which keeps them
    /// from starting.
    var culprit: Culprit? {
        Self.firstFailed(of: counting) ?? Self.firstFailed(of: all.filter { $0.kind == .`init` })
    }

    /// What a container waits for that keeps it from being started.
    var startFailure: (reason: String?, message: String?)? {
        (all.filter { $0.kind == .`init` } + counting).lazy.compactMap { $0.status?.state.wait }
            .first { $0.reason.map(StartFailure.reasons.contains) ?? false }
    }

    /// What is waited for, beyond the usual: of the containers that count, and before their start of
    /// those that must be ready first.
    var waiting: (reason: String?, message: String?)? {
        let usual: Set<String?> = ["PodInitializing", "ContainerCreating"]
        let first = all.filter { $0.kind == .`init` || $0.kind == .sidecar }
        return ((hasStarted ? [] : first) + counting).lazy.compactMap { $0.status?.state.wait }
            .first { !usual.contains($0.reason) }
    }

    /// What else is to be said of a job that succeeded: another container did not; or something in
    /// one that did was killed, as a child that ran out of memory.
    var noteOfSuccess: String? {
        let others = Self.firstFailed(of: uncounted + all.filter { $0.kind == .sidecar })
        if let others { return "\(others.sentence); it does not count" }
        for container in counting {
            guard let reason = container.termination?.reason, reason != "Completed" else {
                continue
            }
            return "container \(container.name) exited with code 0, with the reason \(reason)"
        }
        return nil
    }

    private static func firstFailed(of containers: [PodContainer]) -> Culprit? {
        let failed = containers.compactMap { container in
            container.termination.flatMap { end in
                end.exitCode == 0 ? nil : Culprit(container: container, end: end)
            }
        }
        // Where times are equal the first of the spec: `min` keeps the earlier of equals.
        return failed.min { $0.time < $1.time }
    }
}

extension PodContainers.Culprit {
    /// When it failed; an end whose time nobody knows was found out last.
    fileprivate var time: Int64 { end.finishedAt?.nanoseconds ?? .max }

    /// `container main exited with code 137 (SIGKILL)`, or what the container has left to say.
    var sentence: String {
        if let message = end.message, !message.isEmpty { return message }
        let kind = container.kind == .main ? "container" : "\(container.kind.rawValue) container"
        let signal = Self.signals[end.exitCode - 128].map { " (\($0))" } ?? ""
        return "\(kind) \(container.name) exited with code \(end.exitCode)\(signal)"
    }

    /// Shells and runtimes report the end by signal N as exit code 128 + N.
    private static let signals: [Int: String] = [
        1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS",
        8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
    ]
}

extension PodContainer {
    /// How its current instance ended, when it has.
    var termination: Pod.Termination? { status?.state.termination }
}

extension Pod.ContainerStatus {
    /// Whether an instance runs or has run: only then can there be a log.
    var hasLog: Bool {
        if case .running = state { return true }
        return state.termination != nil || lastState.termination != nil
    }

    /// When the earliest instance that the status still tells of was started.
    var firstStart: LogTime? {
        if let last = lastState.termination { return last.startedAt }
        if case .running(let startedAt) = state { return startedAt }
        return state.termination?.startedAt
    }
}

extension Pod.ContainerState {
    /// How the instance ended, when it has.
    var termination: Pod.Termination? {
        if case .terminated(let termination) = self { termination } else { nil }
    }

    /// What the container waits for, when it does.
    var wait: (reason: String?, message: String?)? {
        if case .waiting(let reason, let message) = self { (reason, message) } else { nil }
    }
}
