import LogModel
import WebServer

/// Answers `GET …/pods/{pod}/log` as the API server and the kubelet do together.
struct LogEndpoint {
    let cluster: Cluster

    /// The log that is asked for, or one of the endpoint's many ways to say that there is none.
    func answer(_ key: PodKey, _ items: [QueryItem]) throws(StatusError) -> ServerResponse {
        let query = try LogQuery(items, pod: key.name)
        guard let pod = cluster.livePod(key) else { throw .podNotFound(key.name) }
        let container = try container(query.container, pod)
        guard pod.machine.scheduledAt != nil else {
            return .full(ResponseHead(status: 204), body: [])
        }
        let log = try log(of: container, previous: query.previous, pod)
        let body = LogBody(query, log: log, clock: cluster.clock, timers: cluster.timers)
        let type = HeaderField("Content-Type", "text/plain")
        return .stream(ResponseHead(status: 200, fields: [type]), source: body)
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
        var message =
            "a container name must be specified for pod \(pod.blueprint.name), choose one of: "
            + "[\(mains.map { scripts[$0].name }.joined(separator: " "))]"
        if !early.isEmpty {
            message += " or one of the init containers: [\(early.joined(separator: " "))]"
        }
        throw .badRequest(message)
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
