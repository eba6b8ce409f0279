package import Kubernetes
import LogModel

// The rules by which a Pod's status becomes a job's status; the first row that applies wins. The
// containers that count are the main containers that do the job's work, see
// ``JobMapping/Membership/counting``; all of them are followed and stored alike.
//
// | status | when |
// | --- | --- |
// | end: success | phase Succeeded; or every container that counts exited with 0, and the Pod was not failed as a whole (evicted, past its deadline) before: a failing sidecar fails no job |
// | end: timeout | phase Failed, reason DeadlineExceeded |
// | end: failure | phase Failed for any other reason; a container that counts failed |
// | end: canceled | instead of these when the containers ended after the Pod's deletion was asked for, and that was not Kubernetes' own doing |
// | running | a container that counts runs, or has run and will be restarted |
// | scheduling | a node is looked for or was found, and no container that counts has started yet |
// | pending | phase Pending, no node, no PodScheduled condition |
//
// A Pod's work is over in phase Succeeded or Failed, and in phase Running as soon as every container
// that counts has ended for good (by its restart policy) and what still runs does not count: a proxy
// that never exits holds up no job. The log of such a container is followed on to its own end, and
// the job's end does not wait for it.
//
// Reasons are Kubernetes' own words: the Pod's (Evicted, DeadlineExceeded, Preempting, Terminated,
// NodeShutdown, …), else why it was taken away (the condition DisruptionTarget, NodeLost), else the
// container's (OOMKilled, Error, ImagePullBackOff, …).
extension PodState {
    /// What `pod`, which is `membership` to its job, says of the job.
    init(_ pod: Pod, _ membership: JobMapping.Membership) {
        self.init(
            pod, completionIndex: membership.completionIndex, counting: membership.counting)
    }

    /// What `pod` says of its job.
    ///
    /// `counting` names the main containers that do the job's work; `nil` when all do.
    package init(_ pod: Pod, completionIndex: Int? = nil, counting: Set<String>? = nil) {
        let containers = PodContainers(pod, counting: counting)
        self.init(status: .pending)
        self.completionIndex = completionIndex
        createdAt = pod.metadata.creationTimestamp
        startedAt = containers.counting.compactMap { $0.status?.firstStart }.min()
        disruption = pod.disruption?.reason
        instances = containers.all.compactMap { container in
            container.status.flatMap { status in
                status.hasLog
                    ? Instance(container: container.name, attempt: status.restartCount) : nil
            }
        }
        if pod.status.phase == "Succeeded" || pod.status.phase == "Failed" {
            readEnd(of: pod, containers)
        } else if containers.isWorkOver {
            readEnd(of: pod, containers)
            trailing = containers.running
        } else {
            readProgress(of: pod, containers)
        }
    }

    /// Reads a Pod whose work is over.
    private mutating func readEnd(of pod: Pod, _ containers: PodContainers) {
        status = .end
        endedAt =
            containers.counting.compactMap { $0.termination?.finishedAt }.max()
            ?? containers.all.compactMap { $0.termination?.finishedAt }.max()
        let culprit = containers.culprit
        let waiting = containers.startFailure
        exitCode = culprit?.end.exitCode ?? (containers.haveAllEnded ? 0 : nil)
        if pod.status.phase == "Succeeded"
            || containers.haveAllSucceeded && !wasFailedAsAWhole(pod, containers)
        {
            outcome = .success
            exitCode = 0
            reason = "Completed"
            message = containers.noteOfSuccess ?? pod.status.message
        } else {
            outcome = pod.status.reason == "DeadlineExceeded" ? .timeout : .failure
            reason =
                pod.status.reason ?? pod.disruption?.reason ?? culprit?.end.reason
                ?? waiting?.reason
            message =
                pod.status.message ?? pod.disruption?.message ?? culprit?.sentence
                ?? waiting?.message
        }
        if outcome != .timeout, pod.status.reason == nil, pod.disruption == nil, wasCalledOff(pod) {
            outcome = .canceled
            reason = "Deleted"
            message = "the Pod was deleted before its containers had ended by themselves"
        }
    }

    /// Whether the Pod was failed with all its containers, so that exit codes of 0 mean nothing: they
    /// may be the answer to being stopped. Work that was done before the Pod's deadline stays done,
    /// though, where only containers that do not count have met it.
    private func wasFailedAsAWhole(_ pod: Pod, _ containers: PodContainers) -> Bool {
        if pod.status.reason == "DeadlineExceeded", !containers.uncounted.isEmpty,
            let start = pod.status.startTime, let seconds = pod.spec.activeDeadlineSeconds,
            let endedAt, endedAt.wholeSeconds - start.wholeSeconds < Int64(seconds)
        {
            return false
        }
        return pod.status.reason != nil || pod.disruption != nil
    }

    /// Whether the containers ended because the Pod's deletion had been asked for. The API server
    /// sets `deletionTimestamp` to the moment of the request plus the grace period; times have
    /// whole seconds, so an end with exit code 0 within the same second counts as its own. Containers
    /// that have never run have no time of an end.
    private func wasCalledOff(_ pod: Pod) -> Bool {
        guard let deletion = pod.metadata.deletionTimestamp else { return false }
        guard let endedAt else { return true }
        let grace = max(0, Int64(pod.metadata.deletionGracePeriodSeconds ?? 0))
        let asked = deletion.wholeSeconds - grace
        let ended = endedAt.wholeSeconds
        return ended > asked || (ended == asked && exitCode != 0)
    }

    /// Reads a Pod whose work goes on.
    private mutating func readProgress(of pod: Pod, _ containers: PodContainers) {
        let scheduled = pod.status.conditions.first { $0.type == "PodScheduled" }
        let waiting = containers.waiting
        reason = waiting?.reason ?? pod.status.reason
        message = waiting?.message ?? pod.status.message
        if containers.hasStarted {
            status = .running
        } else if scheduled?.status == "False" {
            status = .scheduling
            reason = scheduled?.reason
            message = scheduled?.message
        } else if pod.spec.nodeName != nil || scheduled != nil {
            status = .scheduling
        }
    }
}

extension Pod {
    /// Why Kubernetes itself takes the Pod away: the condition DisruptionTarget, or, before there was
    /// one, a node that does not answer any more.
    var disruption: (reason: String, message: String?)? {
        if let condition = status.conditions.first(where: {
            $0.type == "DisruptionTarget" && $0.status == "True"
        }) {
            return (condition.reason ?? "DisruptionTarget", condition.message)
        }
        return status.reason == "NodeLost" ? ("NodeLost", status.message) : nil
    }
}
