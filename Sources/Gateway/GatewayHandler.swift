package import LogModel
package import Logging
package import StatusModel
package import Store
package import WebServer

/// Everything that Podwire serves: finds the route of a request and has its endpoint answer.
///
/// Any thread may call it. Refusals are thrown as ``StatusResponse`` and become Kubernetes `Status`
/// objects here, in one place; what else is thrown is a failure of the store, logged here once.
package final class GatewayHandler: RequestHandler {
    private let requestGuard = RequestGuard()
    private let logs: LogEndpoint
    private let jobs: JobsEndpoint
    private let workflows: WorkflowsEndpoint
    private let events: EventsEndpoint
    private let consumers: ConsumersEndpoint
    private let health: HealthEndpoint
    private let site: StaticSite
    private let logger: Logger

    /// Serves `store`.
    ///
    /// - Parameters:
    ///   - store: where everything is read.
    ///   - control: takes what engines say of workflows.
    ///   - webDirectory: the web page's files, read once; `nil` serves no page.
    ///   - readiness: what `/readyz` checks.
    ///   - version: the daemon's version, for `/readyz`.
    ///   - maxConsumers: how many durable consumers there may be.
    ///   - logger: told of what fails.
    ///   - now: the time of day, in nanoseconds since 1970.
    /// - Throws: where the web directory cannot be served, with a message that names it.
    package init(
        store: Store, control: any WorkflowControl, webDirectory: String?,
        readiness: [ReadinessCheck], version: String,
        maxConsumers: Int = 100, logger: Logger, now: @escaping @Sendable () -> LogTime = { .now }
    ) throws {
        logs = LogEndpoint(store: store, now: now, logger: logger)
        jobs = JobsEndpoint(store: store)
        workflows = WorkflowsEndpoint(store: store, control: control)
        events = EventsEndpoint(store: store, logger: logger)
        consumers = ConsumersEndpoint(
            registry: ConsumerRegistry(store, limit: maxConsumers), logger: logger)
        health = HealthEndpoint(checks: readiness, version: version)
        site = StaticSite(try webDirectory.map(WebDirectory.read) ?? [:])
        self.logger = logger
    }

    package func respond(to request: ServerRequest) async -> ServerResponse {
        do {
            if let refusal = requestGuard.refusal(of: request) { throw refusal }
            return try await answer(request)
        } catch {
            return status(of: error, request).response
        }
    }

    package func upgrade(_ request: ServerRequest) -> UpgradeDecision {
        let route = Route(request.segments)
        if let refusal = requestGuard.refusal(ofUpgrade: request) {
            let (head, body) = refusal.headAndBody
            return .refuse(head, body: body)
        }
        do {
            switch route {
            case .log(let target): return try logs.upgrade(target, request)
            case .events: return try events.upgrade(request)
            case .consumerEvents(let name): return consumers.upgrade(name)
            default: throw StatusResponse.notFound(kind: "WebSocket", name: request.path)
            }
        } catch {
            return .accept(subprotocol: nil, RefusingSession(status(of: error, request)))
        }
    }

    private func answer(_ request: ServerRequest) async throws -> ServerResponse {
        let route = Route(request.segments)
        if route == .nothing { throw StatusResponse.noSuchPath(request.path) }
        guard route.methods.contains(request.method) else {
            throw StatusResponse.methodNotAllowed(
                request.method, allow: route.methods.joined(separator: ", "))
        }
        switch route {
        case .log(let target): return try await logs.respond(target, request)
        case .jobs: return try await jobs.list(request)
        case .job(let reference): return try await jobs.job(reference, request)
        case .outputs(let reference): return try await jobs.outputs(reference, request)
        case .workflows: return try await workflows.list(request)
        case .workflow(let namespace, let name):
            return try await workflows.workflow(namespace: namespace, name: name, request)
        case .workflowCommand(let namespace, let name, let command):
            return try await workflows.carryOut(command, namespace: namespace, name: name)
        case .events: return try events.respond(request)
        case .consumers: return try await consumers.list()
        case .consumer(let name): return try await consumers.consumer(name, request)
        case .consumerEvents(let name): return try await consumers.events(name, request)
        case .acknowledgement(let name): return try await consumers.acknowledge(name, request)
        case .health: return health.alive
        case .readiness: return await health.ready()
        case .file(let segments): return try site.respond(segments, request)
        case .nothing: throw StatusResponse.noSuchPath(request.path)
        }
    }

    /// What a client is told of an error.
    private func status(of error: any Error, _ request: ServerRequest) -> StatusResponse {
        switch error {
        case let refusal as StatusResponse:
            return refusal
        case let refusal as WorkflowRefusal:
            return StatusResponse(refusal)
        case is CancellationError:
            return .unavailable("the daemon goes down")
        default:
            logger.error(
                "a request could not be answered",
                metadata: ["path": "\(request.path)", "error": "\(error)"])
            return .internalError
        }
    }
}
