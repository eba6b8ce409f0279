import Kubernetes
import LogModel

/// Makes Pods as the watch would show them.
enum PodFixture {
    /// A Pod with one main container in the given state.
    static func pod(
        _ name: String = "p", uid: String? = nil, phase: String = "Pending",
        state: Pod.ContainerState? = nil, lastState: Pod.ContainerState = .unknown,
        restarts: Int = 0, node: String? = nil, reason: String? = nil,
        conditions: [Pod.Condition] = [], labels: [String: String] = [:],
        annotations: [String: String] = [:], owner: Pod.OwnerReference? = nil,
        createdAt: Int64 = 1000, deletion: Int64? = nil, grace: Int? = nil
    ) -> Pod {
        let statuses = state.map { state in
            [
                Pod.ContainerStatus(
                    name: "main", restartCount: restarts, state: state, lastState: lastState)
            ]
        }
        return Pod(
            metadata: Pod.Metadata(
                name: name, namespace: "default", uid: uid ?? "uid-\(name)", labels: labels,
                annotations: annotations, creationTimestamp: LogTime(seconds: createdAt),
                deletionTimestamp: deletion.map { LogTime(seconds: $0) },
                deletionGracePeriodSeconds: grace, ownerReferences: owner.map { [$0] } ?? []),
            spec: Pod.Spec(nodeName: node, containers: [Pod.ContainerSpec(name: "main")]),
            status: Pod.Status(
                phase: phase, reason: reason, conditions: conditions,
                containerStatuses: statuses ?? []))
    }

    /// A main container that runs.
    static func running(_ name: String = "p", createdAt: Int64 = 1000) -> Pod {
        pod(
            name, phase: "Running", state: .running(startedAt: LogTime(seconds: 1010)), node: "n",
            createdAt: createdAt)
    }

    /// A Pod whose main container has exited.
    static func ended(
        _ name: String = "p", exitCode: Int = 0, reason: String? = nil, createdAt: Int64 = 1000,
        owner: Pod.OwnerReference? = nil, podReason: String? = nil, deletion: Int64? = nil,
        grace: Int? = nil, conditions: [Pod.Condition] = []
    ) -> Pod {
        pod(
            name, phase: exitCode == 0 ? "Succeeded" : "Failed",
            state: termination(exitCode, reason: reason), node: "n", reason: podReason,
            conditions: conditions, owner: owner, createdAt: createdAt, deletion: deletion,
            grace: grace)
    }

    /// An exit at 1020 s after a start at 1010 s.
    static func termination(_ exitCode: Int, reason: String? = nil) -> Pod.ContainerState {
        .terminated(
            Pod.Termination(
                exitCode: exitCode, reason: reason ?? (exitCode == 0 ? "Completed" : "Error"),
                startedAt: LogTime(seconds: 1010), finishedAt: LogTime(seconds: 1020)))
    }

    /// The Pod with an init container in the given state.
    static func withInit(_ pod: Pod, _ state: Pod.ContainerState) -> Pod {
        var pod = pod
        pod.spec.initContainers = [Pod.ContainerSpec(name: "prepare")]
        pod.status.initContainerStatuses = [Pod.ContainerStatus(name: "prepare", state: state)]
        return pod
    }

    /// A Pod of several containers that have exited, each so many seconds after its start.
    static func several(_ ends: [(name: String, exitCode: Int, after: Int64)], phase: String) -> Pod
    {
        var pod = pod(phase: phase, node: "n")
        pod.spec.restartPolicy = "Never"
        pod.spec.containers = ends.map { Pod.ContainerSpec(name: $0.name) }
        pod.status.containerStatuses = ends.map { end in
            Pod.ContainerStatus(
                name: end.name,
                state: .terminated(
                    Pod.Termination(
                        exitCode: end.exitCode, reason: end.exitCode == 0 ? "Completed" : "Error",
                        startedAt: LogTime(seconds: 1010),
                        finishedAt: LogTime(seconds: 1010 + end.after))))
        }
        return pod
    }
}
