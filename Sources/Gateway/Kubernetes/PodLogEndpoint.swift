import Kubernetes
import LogModel
import Logging
import Store
import WebServer

/// `/api/v1/namespaces/{ns}/pods/{pod}/log`: a log with Kubernetes' own habits.
///
/// Who asks for a Pod that is not there, or for a container that has not started, is refused at once;
/// `/logs/…` is for those who want to wait.
struct PodLogEndpoint: Sendable {
    /// How long an answer waits for the follow of a container that has started: 30 s, which is what
    /// the start gate takes at most where the API server is in reach.
    static let wait: Duration = .seconds(30)

    private let store: Store
    private let finder: StreamFinder
    private let planner: LogPlanner
    private let lives: LiveLogs
    private let logger: Logger

    /// Serves the logs of `store`; `now` tells the time of day.
    init(
        store: Store, lives: LiveLogs, now: @escaping @Sendable () -> LogTime, logger: Logger
    ) {
        self.store = store
        self.lives = lives
        self.finder = StreamFinder(store: store, now: now)
        self.planner = LogPlanner(store: store, now: now)
        self.logger = logger
    }

    /// Answers over HTTP: `text/plain`, or 204 where Kubernetes has nothing to read.
    func respond(
        namespace: String, pod: String, _ request: ServerRequest
    ) async throws -> ServerResponse {
        _ = try AcceptedForm(request.header("Accept"), types: ["text/plain"], hasTables: false)
        do {
            let (plan, output) = try await open(namespace: namespace, pod: pod, request)
            let fields = [
                HeaderField("Content-Type", "text/plain"),
                HeaderField("Cache-Control", "no-store"),
                HeaderField("X-Content-Type-Options", "nosniff"),
                HeaderField("Podwire-Stream", plan.opening.stream.id.description),
            ]
            return .stream(ResponseHead(status: 200, fields: fields), source: LogBody(output))
        } catch is PodLogChoice.NotScheduled {
            return .full(ResponseHead(status: 204), body: [])
        }
    }

    /// Answers an upgrade: what is refused is refused before it, as plain HTTP.
    func upgrade(
        namespace: String, pod: String, _ request: ServerRequest
    ) async throws -> UpgradeDecision {
        do {
            let subprotocol = try PodLogSubprotocol.choose(from: request.subprotocols)
            let (_, output) = try await open(namespace: namespace, pod: pod, request)
            return .accept(
                subprotocol: subprotocol?.rawValue, PodLogSession(output, subprotocol))
        } catch is PodLogChoice.NotScheduled {
            return .refuse(ResponseHead(status: 204), body: [])
        }
    }

    /// Finds the log that is asked for.
    ///
    /// - Throws: the refusal (``StatusResponse``), ``PodLogChoice/NotScheduled``,
    ///   `CancellationError`, or what the store throws.
    func open(
        namespace: String, pod name: String, _ request: ServerRequest
    ) async throws -> (plan: LogPlan, output: LogOutput) {
        let parameters = try PodLogParameters(QueryParameters(request.query), pod: name)
        let target = LogTarget(namespace: namespace, pod: name, container: parameters.container)
        let streams = try await finder.find(target, wait: Self.wait) {
            try await decide(target, parameters)
        }
        let plan = try await planner.plan(streams, parameters.log, follow: parameters.follow)
        let rendering = LogRendering(.bytes, parameters.log, plan)
        let reader = LogReader(
            plan, store: store, lives: lives, isTextOnly: rendering.isTextOnly)
        return (plan, LogOutput(reader, rendering, logger: logger))
    }

    private func decide(
        _ target: LogTarget, _ parameters: PodLogParameters
    ) async throws -> StreamChoice.Decision {
        let (row, view) = try await store.read { snapshot in
            let row = try snapshot.podObject(namespace: target.namespace, name: target.pod)
            return (row, try PodView(of: target, uid: row?.uid, in: snapshot))
        }
        guard let row else { return .refuse(.notFound(kind: "pods", name: target.pod)) }
        return try PodLogChoice.decide(
            try ShownPod(row, store).decoded(), isGone: row.goneAt != nil, view.streams, parameters)
    }
}
