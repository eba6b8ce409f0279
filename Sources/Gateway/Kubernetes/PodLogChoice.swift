import Kubernetes
import LogModel
import Store

/// Decides which log a request to Kubernetes' log API means, by the Pod's last known object, as the
/// API server and the kubelet do together: pure.
///
/// | the container's state | the log | the `previous` one |
/// | --- | --- | --- |
/// | running, terminated | of the instance `restartCount` | of the one before, where `lastState` has it |
/// | waiting, `lastState` terminated (CrashLoopBackOff) | of the instance in `lastState` | the same |
/// | the same for another reason, and the Pod is gone | of the instance in `lastState` | of the one before |
/// | waiting, nothing in `lastState` | 400, it is waiting to start | 400, not found |
///
/// That fourth is no state that Kubernetes answers from: some kubelets report a container whose
/// Pod is deleted as about to be created again, just before it is gone.
///
/// What Kubernetes would read although nothing is stored of it yet is waited for: such a container
/// has started, and its log is about to be followed.
enum PodLogChoice {
    /// A Pod that is on no node: there is no log to speak of, and Kubernetes answers 204.
    struct NotScheduled: Error {}

    /// Decides about the Pod `pod`, of whose streams `streams` are stored.
    ///
    /// - Throws: ``NotScheduled``.
    static func decide(
        _ pod: Pod, isGone: Bool, _ streams: [StreamInfo], _ parameters: PodLogParameters
    ) throws -> StreamChoice.Decision {
        let name = pod.metadata.name
        let containers = pod.containers
        let container: PodContainer
        if let wanted = parameters.container {
            guard let named = containers.first(where: { $0.name == wanted }) else {
                return .refuse(.badRequest("container \(wanted) is not valid for pod \(name)"))
            }
            container = named
        } else {
            let main = containers.filter { $0.kind == .main }
            guard main.count == 1 else { return .refuse(unnamed(pod)) }
            container = main[0]
        }
        if pod.spec.nodeName?.isEmpty ?? true { throw NotScheduled() }
        let subject = "container \"\(container.name)\" in pod \"\(name)\""
        guard let attempt = attempt(container.status, parameters, isGone: isGone) else {
            return .refuse(
                parameters.previous
                    ? .badRequest("previous terminated \(subject) not found")
                    : .badRequest(waiting(container.status, subject)))
        }
        let stream = streams.first {
            $0.id.podUID == pod.metadata.uid && $0.id.container == container.name
                && $0.id.attempt == attempt
        }
        if let stream {
            return stream.isDeleted ? .refuse(.noLongerKept(stream)) : .read([stream])
        }
        let refusal = StatusResponse(
            code: isGone ? 404 : 503, reason: isGone ? "NotFound" : "ServiceUnavailable",
            message: isGone
                ? "the log of \(subject) was not captured"
                : "\(subject) has started, but its log is not followed yet",
            details: StatusResponse.Details(name: name, kind: "pods/log"))
        return isGone ? .refuse(refusal) : .notYet(.asAsked, refusal: refusal)
    }

    /// The instance that the kubelet would read.
    private static func attempt(
        _ status: Pod.ContainerStatus?, _ parameters: PodLogParameters, isGone: Bool
    ) -> Int? {
        guard let status else { return nil }
        let previous = parameters.previous
        switch (status.state, status.lastState) {
        case (.running, .terminated), (.terminated, .terminated):
            return previous ? status.restartCount - 1 : status.restartCount
        case (.running, _), (.terminated, _):
            return previous ? nil : status.restartCount
        case (.waiting(let reason, _), .terminated) where isGone && reason != "CrashLoopBackOff":
            let attempt = status.restartCount - (previous ? 1 : 0)
            return attempt < 0 ? nil : attempt
        case (_, .terminated): return status.restartCount
        default: return nil
        }
    }

    private static func waiting(_ status: Pod.ContainerStatus?, _ subject: String) -> String {
        guard let status else { return "\(subject) is not available" }
        guard case .waiting(let reason?, _) = status.state, !reason.isEmpty else {
            return "\(subject) is waiting to start - no logs yet"
        }
        switch reason {
        case "ErrImagePull": return "\(subject) is waiting to start: image can't be pulled"
        case "ImagePullBackOff":
            return "\(subject) is waiting to start: trying and failing to pull image"
        default: return "\(subject) is waiting to start: \(reason)"
        }
    }

    private static func unnamed(_ pod: Pod) -> StatusResponse {
        let message = "a container name must be specified for pod \(pod.metadata.name)"
        let names = [pod.spec.initContainers, pod.spec.containers, pod.spec.ephemeralContainers]
            .flatMap { $0.map(\.name) }
        if pod.spec.containers.isEmpty { return .badRequest(message) }
        return .badRequest("\(message), choose one of: [\(names.joined(separator: " "))]")
    }
}
