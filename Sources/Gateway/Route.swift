import StatusModel

/// What a path names.
///
/// | path | route |
/// | --- | --- |
/// | `/logs/{ns}/{pod}[/{container}]` | ``log(_:)`` |
/// | `/v1/jobs` | ``jobs`` |
/// | `/v1/jobs/{ns}/{job}[/outputs]` | ``job(_:)``, ``outputs(_:)`` without a workflow |
/// | `/v1/jobs/{ns}/{workflow}/{job}[/outputs]` | ``job(_:)``, ``outputs(_:)`` |
/// | `/v1/workflows[/{ns}/{name}]` | ``workflows``, ``workflow(namespace:name:)`` |
/// | `/v1/workflows/{ns}/{name}/{command}` | ``workflowCommand(namespace:name:_:)`` |
/// | `/v1/events` | ``events`` |
/// | `/v1/ws` | ``sockets`` |
/// | `/v1/consumers[/{name}]` | ``consumers``, ``consumer(_:)`` |
/// | `/v1/consumers/{name}/events` `…/ack` | ``consumerEvents(_:)``, ``acknowledgement(_:)`` |
/// | `/v1/whoami` `/v1/tickets` | ``whoAmI``, ``tickets`` |
/// | `/healthz` `/readyz` `/metrics` | ``health``, ``readiness``, ``metrics`` |
/// | `/version` `/api/…` `/apis/…` `/openapi/…` | ``kubernetes(_:)``, see ``KubernetesRoute`` |
/// | anything else | ``file(_:)``, a file of the web page |
///
/// `/v1/jobs/{ns}/{name}/outputs` means the outputs of the job `name`, and only where there is none the
/// job `outputs` of the workflow `name`.
enum Route: Equatable, Sendable {
    case log(LogTarget)
    case jobs
    case job(JobReference)
    case outputs(JobReference)
    case workflows
    case workflow(namespace: String, name: String)
    case workflowCommand(namespace: String, name: String, WorkflowCommand)
    case events
    case sockets
    case consumers
    case consumer(String)
    case consumerEvents(String)
    case acknowledgement(String)
    case whoAmI
    case tickets
    case kubernetes(KubernetesRoute)
    case health
    case readiness
    case metrics
    case file([String])
    /// Below a prefix of ours, but nothing that is served.
    case nothing

    /// Finds the route of a path, given as its decoded segments.
    init(_ segments: [String]) {
        switch segments.first {
        case "logs":
            self = Self.log(segments.dropFirst())
        case "v1":
            self = Self.api(segments.dropFirst())
        case "healthz" where segments.count == 1:
            self = .health
        case "readyz" where segments.count == 1:
            self = .readiness
        case "metrics" where segments.count == 1:
            self = .metrics
        default:
            self = KubernetesRoute(segments).map(Route.kubernetes) ?? .file(segments)
        }
    }

    private static func log(_ names: ArraySlice<String>) -> Route {
        let names = Array(names)
        guard (2...3).contains(names.count), !names.contains("") else { return .nothing }
        return .log(
            LogTarget(
                namespace: names[0], pod: names[1], container: names.count == 3 ? names[2] : nil))
    }

    private static func api(_ names: ArraySlice<String>) -> Route {
        let names = Array(names)
        guard !names.contains("") else { return .nothing }
        switch (names.first, names.count) {
        case ("events", 1): return .events
        case ("whoami", 1): return .whoAmI
        case ("tickets", 1): return .tickets
        case ("ws", 1): return .sockets
        case ("consumers", 1): return .consumers
        case ("consumers", 2): return .consumer(names[1])
        case ("consumers", 3) where names[2] == "events": return .consumerEvents(names[1])
        case ("consumers", 3) where names[2] == "ack": return .acknowledgement(names[1])
        case ("workflows", 1): return .workflows
        case ("workflows", 3): return .workflow(namespace: names[1], name: names[2])
        case ("workflows", 4):
            return WorkflowCommand(rawValue: names[3]).map {
                .workflowCommand(namespace: names[1], name: names[2], $0)
            } ?? .nothing
        case ("jobs", 1): return .jobs
        case ("jobs", 3): return .job(JobReference(namespace: names[1], job: names[2]))
        case ("jobs", 4) where names[3] == "outputs":
            return .outputs(JobReference(namespace: names[1], job: names[2]))
        case ("jobs", 4):
            return .job(JobReference(namespace: names[1], workflow: names[2], job: names[3]))
        case ("jobs", 5) where names[4] == "outputs":
            return .outputs(JobReference(namespace: names[1], workflow: names[2], job: names[3]))
        default: return .nothing
        }
    }

    /// The methods that the route is served with.
    var methods: [String] {
        switch self {
        case .consumer: ["GET", "HEAD", "PUT", "DELETE"]
        // Reading takes over from the connection before, so there is no looking without it.
        case .consumerEvents: ["GET"]
        case .acknowledgement, .workflowCommand, .tickets: ["POST"]
        case .workflow: ["GET", "HEAD", "PUT"]
        // Refused behind the route, in Kubernetes' words.
        case .kubernetes: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
        default: ["GET", "HEAD"]
        }
    }

    /// Whether reading there ends what another connection reads.
    var takesOver: Bool {
        if case .consumerEvents = self { true } else { false }
    }

    /// Whether the route is one of Kubernetes' own.
    var isKubernetes: Bool {
        if case .kubernetes = self { true } else { false }
    }

    /// Whether the route can be upgraded to a WebSocket.
    var isUpgradable: Bool {
        switch self {
        case .log, .events, .sockets, .consumerEvents, .kubernetes(.log): true
        default: false
        }
    }
}
