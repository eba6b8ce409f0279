import ByteBlocks
import LogModel
import SimulatedCluster
import WebServer

/// A cluster on a clock that a test moves, and its API without a socket.
final class TestWorld: Sendable {
    let clock = ManualClock()
    let timers = TimerQueue()
    let cluster: Cluster
    let api: KubernetesAPI

    init(
        historyCapacity: Int = 1_000, faults: FaultMixture = .none, jobs: JobsAPI = .served
    ) {
        var settings = ClusterSettings()
        settings.historyCapacity = historyCapacity
        settings.faults = faults
        settings.jobs = jobs
        cluster = Cluster(settings: settings, clock: clock, timers: timers)
        api = KubernetesAPI(cluster: cluster)
    }

    /// Lets time pass; everything happens at its own time.
    func pass(_ duration: Duration) {
        let end = clock.now + duration
        while let next = timers.next, next <= end {
            clock.advance(to: next)
            timers.fire(upTo: next)
        }
        clock.advance(to: end)
        timers.fire(upTo: end)
    }

    /// Creates a Pod with one container, `main`.
    @discardableResult
    func create(
        _ name: String, labels: [String: String] = [:], kubelet: KubeletVersion = .standard,
        change: (inout ContainerScript) -> Void = { _ in }
    ) throws -> PodRecord {
        var main = ContainerScript(name: "main")
        change(&main)
        var script = JobScript(containers: [main])
        script.kubelet = kubelet
        return try cluster.create(
            PodBlueprint(namespace: "default", name: name, labels: labels, script: script))
    }

    /// Creates a Pod from a manifest through the API.
    func post(_ manifest: JSONValue, namespace: String = "default") async throws -> Answer {
        try await send("POST", "/api/v1/namespaces/\(namespace)/pods", body: manifest.encoded)
    }

    /// Asks the API.
    func get(_ target: String, accept: String? = nil) async throws -> Answer {
        try await send("GET", target, accept: accept)
    }

    /// What is true of the last instance of a Pod's containers that has started.
    func truth(_ pod: String) async throws -> JSONValue {
        try await get("/simulation/streams").events().last { $0["pod"] == .string(pod) } ?? nil
    }

    /// Sends a request to the API.
    func send(
        _ method: String, _ target: String, body: [UInt8] = [], accept: String? = nil,
        contentType: String? = nil
    ) async throws -> Answer {
        var fields = accept.map { [HeaderField("Accept", $0)] } ?? []
        if let contentType { fields.append(HeaderField("Content-Type", contentType)) }
        let request = try ServerRequest(
            method: method, target: target, fields: fields, body: body)
        return Answer(await api.respond(to: request))
    }
}

/// What the API answered: a whole body, or one that goes on.
final class Answer {
    let status: Int
    private var text: String
    private let source: (any BodySource)?
    private(set) var hasEnded = false
    /// Whether the body was aborted: its client sees a connection that is cut.
    private(set) var wasCut = false
    /// The header fields.
    let fields: [HeaderField]

    init(_ response: ServerResponse) {
        switch response {
        case .full(let head, let body):
            status = head.status
            fields = head.fields
            text = String(decoding: body, as: UTF8.self)
            source = nil
            hasEnded = true
        case .stream(let head, let source), .sized(let head, _, let source):
            status = head.status
            fields = head.fields
            text = ""
            self.source = source
            source.opened(SocketWake {})
        }
    }

    deinit { source?.closed() }

    /// Everything that has come so far.
    func read() -> String {
        while let source, !hasEnded {
            switch source.pull() {
            case .bytes(let block): text += block.text
            case .end: hasEnded = true
            case .abort:
                hasEnded = true
                wasCut = true
            case .wait: return text
            }
        }
        return text
    }

    /// The body as JSON.
    func json() throws -> JSONValue { try JSONValue(parsing: Array(read().utf8)) }

    /// The body as one JSON value a line.
    func events() throws -> [JSONValue] {
        try read().split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    }
}
