package import Kubernetes
import LogModel

// The rules by which a Pod's status becomes a job's status; the first row that applies wins.
//
// | status | when |
// | --- | --- |
// | end: canceled | its containers ended after its deletion was asked for, and nobody else's doing |
// | end: success | phase Succeeded |
// | end: timeout | phase Failed, reason DeadlineExceeded |
// | end: failure | phase Failed for any other reason |
// | running | a main container runs, or has run and will be restarted |
// | scheduling | a node is looked for or was found, and no main container has started yet |
// | pending | phase Pending, no node, no PodScheduled condition |
extension PodState {
    /// What `pod` says of its job.
    package init(_ pod: Pod, completionIndex: Int? = nil) {
        let main = pod.containers.filter { $0.kind == .main }
        self.init(status: .pending)
        self.completionIndex = completionIndex
        createdAt = pod.metadata.creationTimestamp
        startedAt = main.compactMap { $0.status?.firstStart }.min()
        instances = pod.containers.compactMap { container in
            container.status.flatMap { status in
                status.hasLog
                    ? Instance(container: container.name, attempt: status.restartCount) : nil
            }
        }
        switch pod.status.phase {
        case "Succeeded", "Failed": readEnd(of: pod, main: main)
        default: readProgress(of: pod, main: main)
        }
    }

    /// Reads a Pod in phase Succeeded or Failed.
    private mutating func readEnd(of pod: Pod, main: [PodContainer]) {
        status = .end
        let ends = pod.containers.compactMap { container in
            container.status?.state.termination.map { (container, $0) }
        }
        endedAt = ends.compactMap { $0.1.finishedAt }.max()
        let culprit =
            ends.first { $0.0.kind == .main && $0.1.exitCode != 0 }
            ?? ends.first { $0.0.kind == .`init` && $0.1.exitCode != 0 }
        exitCode = culprit?.1.exitCode ?? (main.isEmpty ? nil : 0)
        reason = pod.status.reason ?? culprit?.1.reason
        message = pod.status.message ?? culprit.flatMap { Self.sentence($0.0, $0.1) }
        if pod.status.phase == "Succeeded" {
            outcome = .success
            exitCode = 0
            reason = reason ?? "Completed"
        } else {
            outcome = pod.status.reason == "DeadlineExceeded" ? .timeout : .failure
            if culprit == nil, pod.status.reason != nil { exitCode = nil }
        }
        if let disruption = pod.disruption {
            reason = pod.status.reason ?? disruption
        } else if outcome != .timeout, pod.status.reason == nil, wasCalledOff(pod) {
            outcome = .canceled
            reason = "Deleted"
            message = "the Pod was deleted before its containers had ended by themselves"
        }
    }

    /// Whether the containers ended because the Pod's deletion had been asked for. The API server
    /// sets `deletionTimestamp` to the moment of the request plus the grace period; times have
    /// whole seconds, so an end with exit code 0 within the same second counts as its own.
    private func wasCalledOff(_ pod: Pod) -> Bool {
        guard let deletion = pod.metadata.deletionTimestamp, let endedAt else { return false }
        let grace = Int64(pod.metadata.deletionGracePeriodSeconds ?? 0)
        let asked = deletion.wholeSeconds - grace
        let ended = endedAt.wholeSeconds
        return ended > asked || (ended == asked && exitCode != 0)
    }

    /// Reads a Pod that has not ended.
    private mutating func readProgress(of pod: Pod, main: [PodContainer]) {
        let hasStarted = main.contains { $0.status?.hasLog == true }
        let scheduled = pod.status.conditions.first { $0.type == "PodScheduled" }
        let waiting = pod.containers.lazy.compactMap { $0.status?.state.wait }
            .first { $0.reason != "PodInitializing" && $0.reason != "ContainerCreating" }
        reason = waiting?.reason ?? pod.status.reason
        message = waiting?.message ?? pod.status.message
        if hasStarted {
            status = .running
        } else if scheduled?.status == "False" {
            status = .scheduling
            reason = scheduled?.reason
            message = scheduled?.message
        } else if pod.spec.nodeName != nil || scheduled != nil {
            status = .scheduling
        }
    }

    /// `container main exited with code 3`.
    private static func sentence(
        _ container: PodContainer, _ end: Pod.Termination
    ) -> String? {
        if let message = end.message, !message.isEmpty { return message }
        let kind = container.kind == .main ? "container" : "\(container.kind.rawValue) container"
        return "\(kind) \(container.name) exited with code \(end.exitCode)"
    }
}

extension Pod {
    /// Why Kubernetes itself took the Pod away, as the condition DisruptionTarget says it.
    var disruption: String? {
        status.conditions.first { $0.type == "DisruptionTarget" && $0.status == "True" }
            .map { $0.reason ?? "DisruptionTarget" }
    }
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
