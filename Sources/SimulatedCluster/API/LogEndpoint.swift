import LogModel
import WebServer

/// Answers `GET …/pods/{pod}/log` as the API server and the kubelet do together.
struct LogEndpoint {
    let cluster: Cluster

    /// The log that is asked for, or one of the endpoint's many ways to say that there is none.
    func answer(_ key: PodKey, _ items: [QueryItem]) async throws(StatusError) -> ServerResponse {
        let query = try LogQuery(items, pod: key.name)
        guard let (log, node) = try instance(key, query) else { return Self.noContent }
        if let gone = try Self.goneAnswer(log, node, cluster) { return gone }
        let fault = log.nextFault()
        switch fault {
        case .ok, .broken:
            return stream(query, log, fault)
        case .refused(let refusal):
            if let kind = fault.kind { cluster.faults.count(kind) }
            return try Self.answer(refusal, log)
        case .slow(let pause):
            cluster.faults.count(.slow)
            await cluster.timers.pause(until: cluster.clock.now + pause)
            guard let (log, node) = try instance(key, query) else { return Self.noContent }
            return try Self.goneAnswer(log, node, cluster) ?? stream(query, log, fault)
        }
    }

    private static let noContent = ServerResponse.full(ResponseHead(status: 204), body: [])
    private static let text = HeaderField("Content-Type", "text/plain")

    private func stream(
        _ query: LogQuery, _ log: InstanceLog, _ fault: LogFault
    ) -> ServerResponse {
        let body = LogBody(query, log: log, fault: fault, cluster: cluster)
        return .stream(ResponseHead(status: 200, fields: [Self.text]), source: body)
    }

    /// The answer when nothing of the log can be read any more.
    private static func goneAnswer(
        _ log: InstanceLog, _ node: String, _ cluster: Cluster
    ) throws(StatusError) -> ServerResponse? {
        switch log.progress(at: cluster.clock.now).loss {
        case .nodeGone: throw .nodeNotFound(node)
        case .logRemoved:
            let text = "unable to retrieve container logs for \(log.identity.containerID)"
            return .full(ResponseHead(status: 200, fields: [Self.text]), body: Array(text.utf8))
        case .podRemoved, nil: return nil
        }
    }

    private static func answer(
        _ refusal: LogFault.Refusal, _ log: InstanceLog
    ) throws(StatusError) -> ServerResponse {
        let pod = log.identity.pod
        let container = log.identity.container
        switch refusal {
        case .noContent: return noContent
        case .waiting:
            throw .badRequest(
                "container \"\(container)\" in pod \"\(pod.name)\" is waiting to start: "
                    + "ContainerCreating")
        case .unknownToKubelet: throw .logNotFound(pod.name)
        case .tooMany(let seconds): throw .tooManyRequests(retryAfterSeconds: seconds)
        case .unreachable:
            throw .unreachable(
                "127.0.0.1:10250", url: "/containerLogs/\(pod.namespace)/\(pod.name)/\(container)")
        }
    }

    /// The instance that is meant, and its node; nil while the Pod has no node.
    private func instance(
        _ key: PodKey, _ query: LogQuery
    ) throws(StatusError) -> (log: InstanceLog, node: String)? {
        guard let pod = cluster.livePod(key) else { throw .podNotFound(key.name) }
        let container = try container(query.container, pod)
        guard pod.machine.scheduledAt != nil else { return nil }
        return (try log(of: container, previous: query.previous, pod), pod.node)
    }

    /// The index of the container that is meant.
    private func container(_ name: String?, _ pod: LivePod) throws(StatusError) -> Int {
        let scripts = pod.blueprint.script.containers
        if let name {
            guard let index = scripts.firstIndex(where: { $0.name == name }) else {
                throw .badRequest("container \(name) is not valid for pod \(pod.blueprint.name)")
            }
            return index
        }
        let mains = scripts.indices.filter { scripts[$0].kind == .main }
        if mains.count == 1 { return mains[0] }
        let early = scripts.filter { $0.kind != .main }.map(\.name)
        let names = (early + mains.map { scripts[$0].name }).joined(separator: " ")
        throw .badRequest(
            "a container name must be specified for pod \(pod.blueprint.name), choose one of: "
                + "[\(names)]")
    }

    /// The instance whose log the kubelet would serve.
    private func log(
        of index: Int, previous: Bool, _ pod: LivePod
    ) throws(StatusError) -> InstanceLog {
        let run = pod.machine.containers[index]
        let logs = pod.logs[index]
        let place = "container \"\(run.script.name)\" in pod \"\(pod.blueprint.name)\""
        if previous {
            // In CrashLoopBackOff the last instance is the previous one already.
            let isWaiting = !run.isRunning && run.termination == nil
            guard run.last != nil, let log = isWaiting ? logs.current : logs.previous else {
                throw .badRequest("previous terminated \(place) not found")
            }
            return log
        }
        if let log = logs.current { return log }
        guard case .waiting(let reason, _) = run.state else {
            throw .badRequest("\(place) is waiting to start - no logs yet")
        }
        switch reason {
        case "ErrImagePull":
            throw .badRequest("\(place) is waiting to start: image can't be pulled")
        case "ImagePullBackOff":
            throw .badRequest("\(place) is waiting to start: trying and failing to pull image")
        default: throw .badRequest("\(place) is waiting to start: \(reason)")
        }
    }
}
