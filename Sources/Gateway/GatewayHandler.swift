package import Access
package import LogModel
package import Logging
package import StatusModel
package import Store
package import WebServer
import Workers

/// Everything that Podwire serves: finds the route of a request and has its endpoint answer.
///
/// Any thread may call it. Refusals are thrown as ``StatusResponse`` and become Kubernetes `Status`
/// objects here, in one place; what else is thrown is a failure of the store, logged here once.
/// ``close()`` must be called before it goes away.
package final class GatewayHandler: RequestHandler {
    private let requestGuard: RequestGuard
    private let doorkeeper: Doorkeeper
    private let tickets: TicketsEndpoint
    private let lives: LiveLogs
    private let logs: LogEndpoint
    private let jobs: JobsEndpoint
    private let workflows: WorkflowsEndpoint
    private let events: EventsEndpoint
    private let consumers: ConsumersEndpoint
    private let sockets: SocketsEndpoint
    private let kubernetes: KubernetesEndpoint
    private let health: HealthEndpoint
    private let metrics: MetricsEndpoint
    private let site: StaticSite
    /// Threads that pack bodies, and that search.
    private let packing: WorkerThreads
    private let searching: WorkerThreads
    private let logger: Logger

    /// Serves `store`.
    ///
    /// - Parameters:
    ///   - store: where everything is read.
    ///   - control: takes what engines say of workflows.
    ///   - access: who may see and do what.
    ///   - hosts: by which names it may be called.
    ///   - webDirectory: the web page's files, read once; `nil` serves no page.
    ///   - readiness: what `/readyz` checks.
    ///   - metrics: what `/metrics` shows beside the gateway's own numbers.
    ///   - version: the daemon's version, for `/readyz`.
    ///   - maxConsumers: how many durable consumers there may be.
    ///   - frameBytes: bytes of what is made of recent lines for readers, see ``FrameBudget``.
    ///   - logger: told of what fails.
    ///   - now: the time of day, in nanoseconds since 1970.
    /// - Throws: where the web directory cannot be served, with a message that names it.
    package init(
        store: Store, control: any WorkflowControl, access: AccessControl,
        hosts: ServedHosts = ServedHosts(), webDirectory: String?,
        readiness: [ReadinessCheck], metrics: [MetricsSource], version: String,
        maxConsumers: Int = 100, frameBytes: Int = 16 << 20, logger: Logger,
        now: @escaping @Sendable () -> LogTime = { .now }
    ) throws {
        site = StaticSite(try webDirectory.map(WebDirectory.read) ?? [:])
        // Nothing behind the threads throws, so they have an owner as soon as they run.
        packing = try WorkerThreads(name: "podwire-pack", count: 2)
        do {
            // They stand back behind capture and serving, which cannot wait.
            searching = try WorkerThreads(name: "podwire-search", count: 2, niceness: 5)
        } catch {
            packing.close()
            throw error
        }
        requestGuard = RequestGuard(hosts)
        doorkeeper = Doorkeeper(access: access)
        tickets = TicketsEndpoint(access: access)
        lives = LiveLogs(limitBytes: frameBytes, counters: ReaderCounters())
        logs = LogEndpoint(
            store: store, lives: lives, packing: packing, searching: searching, now: now,
            logger: logger)
        jobs = JobsEndpoint(store: store)
        workflows = WorkflowsEndpoint(store: store, control: control)
        events = EventsEndpoint(store: store, logger: logger)
        let registry = ConsumerRegistry(store, limit: maxConsumers)
        consumers = ConsumersEndpoint(registry: registry, logger: logger)
        sockets = SocketsEndpoint(
            logs: logs, events: events, consumers: registry, logger: logger)
        kubernetes = KubernetesEndpoint(
            store: store, lives: lives, version: version, now: now, logger: logger)
        health = HealthEndpoint(checks: readiness, version: version)
        self.metrics = MetricsEndpoint(
            sources: metrics + [.readers(lives), .events(registry, store.events)])
        self.logger = logger
    }

    /// Ends the handler's threads; after the server was stopped. Idempotent.
    package func close() {
        packing.close()
        searching.close()
    }

    package func respond(to request: ServerRequest) async -> ServerResponse {
        let response: ServerResponse
        do {
            if let refusal = requestGuard.refusal(of: request) { throw refusal }
            response = try await answer(request)
        } catch {
            response = status(of: error, request).response
        }
        return SecurityHeaders.adding(to: response, for: request)
    }

    /// Who may not come in learns it in HTTP, before the upgrade; what is wrong with what they ask for
    /// is told behind it, in a close frame, which is all that a browser shows its page.
    package func upgrade(_ request: ServerRequest) async -> UpgradeDecision {
        let route = Route(request.segments)
        let admission: Admission?
        do {
            if let refusal = requestGuard.refusal(ofUpgrade: request) { throw refusal }
            admission = try await doorkeeper.admit(request, to: route)
        } catch {
            return refuse(status(of: error, request), request)
        }
        do {
            return try await upgrade(request, route, admission)
        } catch {
            let status = status(of: error, request)
            // Kubernetes refuses before the upgrade, and its clients look for that.
            if status.code == 403 || route.isKubernetes { return refuse(status, request) }
            let subprotocol = LogSubprotocol.choose(from: request.subprotocols)
            return .accept(subprotocol: subprotocol?.rawValue, RefusingSession(status))
        }
    }

    private func refuse(_ status: StatusResponse, _ request: ServerRequest) -> UpgradeDecision {
        let (head, body) = status.headAndBody
        return .refuse(SecurityHeaders.adding(to: head, for: request), body: body)
    }

    private func upgrade(
        _ request: ServerRequest, _ route: Route, _ admission: Admission?
    ) async throws -> UpgradeDecision {
        switch (route, admission) {
        case (.log(let target), let admission?):
            return admission.watching(try logs.upgrade(target, request))
        case (.events, let admission?):
            return admission.watching(try events.upgrade(request, admission.caller))
        case (.sockets, let admission?):
            return admission.watching(try sockets.upgrade(request, admission))
        case (.consumerEvents(let name), let admission?):
            return try await consumers.upgrade(name, request, admission)
        case (.kubernetes(let kubernetesRoute), let admission?):
            let decision = try await kubernetes.upgrade(kubernetesRoute, request)
            do {
                try await admission.renew()
            } catch {
                if case .accept(_, let session) = decision { session.closed() }
                throw error
            }
            return admission.watching(decision)
        default: throw StatusResponse.notFound(kind: "WebSocket", name: request.path)
        }
    }

    private func answer(_ request: ServerRequest) async throws -> ServerResponse {
        let route = Route(request.segments)
        let admission = try await doorkeeper.admit(request, to: route)
        if route == .nothing { throw StatusResponse.noSuchPath(request.path) }
        guard route.methods.contains(request.method) else {
            throw StatusResponse.methodNotAllowed(
                request.method, allow: route.methods.joined(separator: ", "))
        }
        switch (route, admission) {
        case (.health, _): return health.alive
        case (.readiness, _): return await health.ready()
        case (.file(let segments), _): return try site.respond(segments, request)
        case (_, let admission?): return try await answer(request, route, admission)
        case (_, nil): throw StatusResponse.noSuchPath(request.path)
        }
    }

    private func answer(
        _ request: ServerRequest, _ route: Route, _ admission: Admission
    ) async throws -> ServerResponse {
        let caller = admission.caller
        switch route {
        case .log(let target):
            return try await renewed(try await logs.respond(target, request, caller), admission)
        case .jobs: return try await jobs.list(request, caller)
        case .job(let reference): return try await jobs.job(reference, request)
        case .outputs(let reference): return try await jobs.outputs(reference, request)
        case .workflows: return try await workflows.list(request, caller)
        case .workflow(let namespace, let name):
            return try await workflows.workflow(namespace: namespace, name: name, request)
        case .workflowCommand(let namespace, let name, let command):
            return try await workflows.carryOut(command, namespace: namespace, name: name)
        case .events: return admission.watching(try events.respond(request, caller))
        case .sockets: throw StatusResponse.upgradeRequired
        case .consumers: return try await consumers.list(caller)
        case .consumer(let name): return try await consumers.consumer(name, request, caller)
        case .consumerEvents(let name): return try await consumers.events(name, request, admission)
        case .acknowledgement(let name):
            return try await consumers.acknowledge(name, request, caller)
        case .kubernetes(let route):
            let response = try await kubernetes.respond(route, request, caller)
            return try await renewed(response, admission)
        case .whoAmI: return WhoAmIEndpoint.respond(caller)
        case .tickets: return try await tickets.issue(request, caller)
        case .metrics: return try await metrics.respond()
        case .health, .readiness, .file, .nothing:
            throw StatusResponse.noSuchPath(request.path)
        }
    }

    /// `response`, unless its caller has lost what they were let in for while it was made: that takes
    /// hours where a log is waited for.
    private func renewed(
        _ response: ServerResponse, _ admission: Admission
    ) async throws -> ServerResponse {
        do {
            try await admission.renew()
        } catch {
            response.source?.closed()
            throw error
        }
        return admission.watching(response)
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
