import LogModel
import Store

/// Decides which stream a request means, from what the store knows: pure.
///
/// - **Pod**: the newest of that name, or the one that `uid` names.
/// - **Container**: the one named, else the one that the annotation
///   `kubectl.kubernetes.io/default-container` names, else the first main container.
/// - **Attempt**: the latest, or what `attempt` and `previous` say.
enum StreamChoice {
    /// What to do about a request.
    enum Decision {
        /// Read these, one after another.
        case read([StreamInfo])
        /// Nothing there yet. A follower looks again at news of the Pod; others are refused.
        case notYet(Patience, refusal: StatusResponse)
        /// It will never be there.
        case refuse(StatusResponse)
    }

    /// How long a follower waits for what is not there yet.
    enum Patience: Equatable {
        /// As long as the request says: nobody has seen such a Pod, or it ended without a log.
        case asAsked
        /// As long as the request says, counted from when the Pod was deleted.
        case since(LogTime)
        /// As long as the Pod exists and has not started.
        case whilePodExists
    }

    /// Decides about `target` with `parameters`.
    static func decide(
        _ target: LogTarget, _ parameters: LogParameters, _ view: PodView
    ) -> Decision {
        guard let uid = uid(parameters, view) else {
            return .notYet(.asAsked, refusal: .notFound(kind: "pods", name: target.pod))
        }
        let pod = view.pods.first { $0.uid == uid }
        let streams = view.streams.filter { $0.id.podUID == uid }
        let names = Set((pod?.containers.map(\.name) ?? []) + streams.map(\.id.container))
        guard let container = target.container ?? chosen(pod, streams) else {
            return .notYet(
                patience(pod), refusal: .notStarted(container: nil, pod: target.pod))
        }
        guard names.isEmpty || names.contains(container) else {
            return .refuse(
                .badRequest("container \(container) is not valid for pod \(target.pod)"))
        }
        let instances = streams.filter { $0.id.container == container }
            .sorted { $0.id.attempt < $1.id.attempt }
        let decision = decide(parameters.attempt, of: instances, container, target, pod)
        if case .read(let chosen) = decision, let gone = chosen.first(where: \.isDeleted) {
            return .refuse(.noLongerKept(gone))
        }
        return decision
    }

    /// Decides which of a container's `instances`, in order of attempts.
    private static func decide(
        _ attempt: LogParameters.Attempt, of instances: [StreamInfo], _ container: String,
        _ target: LogTarget, _ pod: PodRow?
    ) -> Decision {
        let latest = instances.last
        switch attempt {
        case .latest:
            if let latest { return .read([latest]) }
        case .all:
            if !instances.isEmpty { return .read(instances) }
        case .previous:
            let number = (latest?.id.attempt ?? 0) - 1
            if let previous = instances.first(where: { $0.id.attempt == number }) {
                return .read([previous])
            }
            return .refuse(
                .badRequest(
                    "previous terminated container \"\(container)\" in pod \"\(target.pod)\" "
                        + "not found"))
        case .number(let number):
            if let named = instances.first(where: { $0.id.attempt == number }) {
                return .read([named])
            }
            if let latest, number < latest.id.attempt {
                return .refuse(.noAttempt(number, container: container, pod: target.pod))
            }
        }
        return .notYet(
            patience(pod), refusal: .notStarted(container: container, pod: target.pod))
    }

    private static func uid(_ parameters: LogParameters, _ view: PodView) -> String? {
        let known = view.pods.map(\.uid) + view.streams.map(\.id.podUID)
        guard let uid = parameters.uid else { return known.first }
        return known.contains(uid) ? uid : nil
    }

    /// The container that is meant when none is named.
    private static func chosen(_ pod: PodRow?, _ streams: [StreamInfo]) -> String? {
        let containers = pod?.containers ?? []
        if let name = pod?.defaultContainer, containers.contains(where: { $0.name == name }) {
            return name
        }
        return containers.first { $0.kind == .main }?.name ?? containers.first?.name
            ?? streams.first { $0.kind == .main }?.id.container ?? streams.first?.id.container
    }

    private static func patience(_ pod: PodRow?) -> Patience {
        guard let pod else { return .asAsked }
        if let deletedAt = pod.deletedAt { return .since(deletedAt) }
        return pod.phase == "Succeeded" || pod.phase == "Failed" ? .asAsked : .whilePodExists
    }
}

extension StreamInfo {
    /// Whether retention has deleted the lines.
    var isDeleted: Bool { deletedAt != nil }
}

extension StatusResponse {
    /// 410: the log was kept, and is no longer.
    static func noLongerKept(_ stream: StreamInfo) -> StatusResponse {
        let when = stream.deletedAt.map { " since \($0)" } ?? ""
        return StatusResponse(
            code: 410, reason: "Gone",
            message: "the log \(stream.id) is no longer kept\(when)",
            details: Details(name: stream.pod, kind: "pods/log"))
    }

    /// 404: the Pod is known, but its container has no log yet.
    fileprivate static func notStarted(container: String?, pod: String) -> StatusResponse {
        let subject = container.map { "container \"\($0)\" in pod \"\(pod)\"" } ?? "pod \"\(pod)\""
        return StatusResponse(
            code: 404, reason: "NotFound",
            message: "\(subject) has no log yet; with follow the answer waits for it",
            details: Details(name: pod, kind: "pods/log"))
    }

    /// 404: an earlier instance that was never captured, or is no longer kept.
    fileprivate static func noAttempt(
        _ attempt: Int, container: String, pod: String
    ) -> StatusResponse {
        StatusResponse(
            code: 404, reason: "NotFound",
            message: "there is no log of attempt \(attempt) of container \"\(container)\" in pod "
                + "\"\(pod)\"",
            details: Details(name: pod, kind: "pods/log"))
    }
}
