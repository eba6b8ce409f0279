import Kubernetes
import LogModel

/// What kubectl shows of a Pod in one line, worked out as the API server does: pure.
struct PodSummary: Equatable {
    /// Main containers and sidecars that are ready.
    private(set) var ready = 0
    /// Main containers and sidecars.
    private(set) var total: Int
    /// One word for how it stands: `Running`, `Completed`, `CrashLoopBackOff`, `Init:0/1`, …
    private(set) var status: String
    /// How often its containers were started again.
    private(set) var restarts = 0
    /// When the last of those that were started again had ended.
    private(set) var lastRestart: LogTime?

    /// Sums up `pod`. One that is gone from the cluster is shown as it ended, not as terminating.
    init(_ pod: Pod, isGone: Bool) {
        let sidecars = Set(pod.containers.filter { $0.kind == .sidecar }.map(\.name))
        total = pod.spec.containers.count + sidecars.count
        status = pod.status.reason.flatMap { $0.isEmpty ? nil : $0 } ?? pod.status.phase
        if pod.status.conditions.contains(where: {
            $0.type == "PodScheduled" && $0.reason == "SchedulingGated"
        }) {
            status = "SchedulingGated"
        }
        let isInitializing = addInitContainers(pod, sidecars)
        if !isInitializing || Self.isTrue("Initialized", pod) {
            // Of the init containers only sidecars count from here on.
            restarts = 0
            lastRestart = nil
            for container in pod.status.initContainerStatuses
            where sidecars.contains(container.name) {
                count(container)
            }
            addMainContainers(pod)
        }
        guard pod.metadata.deletionTimestamp != nil, !isGone else { return }
        if pod.status.reason == "NodeLost" {
            status = "Unknown"
        } else if pod.status.phase != "Succeeded" && pod.status.phase != "Failed" {
            status = "Terminating"
        }
    }

    /// Whether a condition of the Pod holds.
    static func isTrue(_ condition: String, _ pod: Pod) -> Bool {
        pod.status.conditions.contains { $0.type == condition && $0.isTrue }
    }

    /// - Returns: whether an init container is still to end.
    private mutating func addInitContainers(_ pod: Pod, _ sidecars: Set<String>) -> Bool {
        for (index, container) in pod.status.initContainerStatuses.enumerated() {
            count(container)
            if case .terminated(let end) = container.state, end.exitCode == 0 { continue }
            if sidecars.contains(container.name), container.started == true {
                if container.ready { ready += 1 }
                continue
            }
            switch container.state {
            case .terminated(let end): status = "Init:\(Self.word(for: end))"
            case .waiting(let reason?, _) where !reason.isEmpty && reason != "PodInitializing":
                status = "Init:\(reason)"
            default: status = "Init:\(index)/\(pod.spec.initContainers.count)"
            }
            return true
        }
        return false
    }

    private mutating func addMainContainers(_ pod: Pod) {
        var hasRunning = false
        // The first container has the last word.
        for container in pod.status.containerStatuses.reversed() {
            count(container)
            switch container.state {
            case .waiting(let reason?, _) where !reason.isEmpty: status = reason
            case .terminated(let end): status = Self.word(for: end)
            case .running where container.ready:
                hasRunning = true
                ready += 1
            default: break
            }
        }
        if status == "Completed", hasRunning {
            status = Self.isTrue("Ready", pod) ? "Running" : "NotReady"
        }
    }

    private mutating func count(_ container: Pod.ContainerStatus) {
        restarts += container.restartCount
        if case .terminated(let end) = container.lastState, let time = end.finishedAt {
            lastRestart = max(lastRestart ?? time, time)
        }
    }

    private static func word(for end: Pod.Termination) -> String {
        if let reason = end.reason, !reason.isEmpty { return reason }
        if let signal = end.signal, signal != 0 { return "Signal:\(signal)" }
        return "ExitCode:\(end.exitCode)"
    }
}
