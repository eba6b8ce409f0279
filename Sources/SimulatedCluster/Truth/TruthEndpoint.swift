import WebServer

/// What really happened in a simulated cluster, for whoever checks what was made of it.
///
/// | path | answer |
/// | --- | --- |
/// | `/simulation/streams` | ``InstanceTruth`` of each instance that ever started, one a line |
/// | `/simulation/log/{uid}/{container}/{attempt}` | every line that was written, with its timestamp |
/// | the same with `?from=N&to=M` | the lines from number N on, up to but without M |
/// | `/simulation/faults` | `total`, and how often each of the `kinds` has happened |
struct TruthEndpoint {
    /// The first segment of every path.
    static let root = "simulation"

    let cluster: Cluster

    /// Answers a request for the path behind ``root``.
    func answer(
        _ path: ArraySlice<String>, _ query: [QueryItem]
    ) throws(StatusError) -> ServerResponse {
        let path = Array(path)
        switch path {
        case ["streams"]:
            let type = HeaderField("Content-Type", "application/x-ndjson")
            return .stream(
                ResponseHead(status: 200, fields: [type]),
                source: StreamsBody(cluster.archive.all, clock: cluster.clock))
        case ["faults"]: return .json(faults)
        default:
            guard path.count == 4, path[0] == "log", let attempt = Int(path[3]) else {
                throw .unknownResource
            }
            return try log(.init(uid: path[1], container: path[2], attempt: attempt), query)
        }
    }

    private var faults: JSONValue {
        let kinds = cluster.faults.kinds.sorted { $0.key.rawValue < $1.key.rawValue }
        return [
            "total": .int(kinds.reduce(0) { $0 + $1.value }),
            "kinds": .object(kinds.map { .init(name: $0.key.rawValue, value: .int($0.value)) }),
        ]
    }

    private func log(
        _ key: InstanceArchive.Key, _ query: [QueryItem]
    ) throws(StatusError) -> ServerResponse {
        guard let log = cluster.archive.log(key) else { throw .unknownResource }
        let body = WrittenLogBody(
            log, from: try Self.line("from", query) ?? 0, to: try Self.line("to", query),
            clock: cluster.clock)
        let type = HeaderField("Content-Type", "text/plain")
        return .stream(ResponseHead(status: 200, fields: [type]), source: body)
    }

    private static func line(_ name: String, _ query: [QueryItem]) throws(StatusError) -> Int? {
        guard let text = query.first(where: { $0.name == name })?.value else { return nil }
        guard let line = Int(text), line >= 0 else {
            throw .badRequest("\(name) must be a line number from 0 on: \(text)")
        }
        return line
    }
}
