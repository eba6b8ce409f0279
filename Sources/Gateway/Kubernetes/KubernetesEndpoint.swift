import Access
import LogModel
import Logging
import Store
import WebServer

/// The Kubernetes API as far as clients need it to read logs: `kubectl logs`, `kubectl get pods`.
struct KubernetesEndpoint: Sendable {
    private let version: KubernetesDiscovery.Version
    private let pods: PodsEndpoint
    private let logs: PodLogEndpoint
    private let jobs: JobsOfPods

    /// Serves what `store` has.
    ///
    /// - Parameters:
    ///   - store: where everything is read.
    ///   - lives: what readers of recent lines share.
    ///   - version: the daemon's version.
    ///   - now: the time of day.
    ///   - logger: told of what goes wrong behind a response's head.
    init(
        store: Store, lives: LiveLogs, version: String,
        now: @escaping @Sendable () -> LogTime, logger: Logger
    ) {
        self.version = KubernetesDiscovery.Version(podwire: version)
        pods = PodsEndpoint(store: store, now: now, logger: logger)
        logs = PodLogEndpoint(store: store, lives: lives, now: now, logger: logger)
        jobs = JobsOfPods(store: store)
    }

    /// Answers over HTTP.
    func respond(
        _ route: KubernetesRoute, _ request: ServerRequest, _ caller: Caller
    ) async throws -> ServerResponse {
        if route == .unknown { throw StatusResponse.noSuchResource }
        guard ["GET", "HEAD"].contains(request.method) else {
            throw StatusResponse.methodNotSupported
        }
        switch route {
        case .version: return try discover(version, request)
        case .coreVersions: return try discover(KubernetesDiscovery.CoreVersions(), request)
        case .coreResources: return try discover(KubernetesDiscovery.core, request)
        case .groups: return try discover(KubernetesDiscovery.Groups(), request)
        case .batchGroup: return try discover(KubernetesDiscovery.BatchGroup(), request)
        case .batchResources: return try discover(KubernetesDiscovery.batch, request)
        case .namespaces: return try await pods.namespaces(request, caller)
        case .namespace(let name): return try await pods.namespace(name, request)
        case .pods(let namespace): return try await pods.pods(namespace: namespace, request)
        case .pod(let namespace, let name):
            return try await pods.pod(namespace: namespace, name: name, request)
        case .log(let namespace, let pod):
            return try await logs.respond(namespace: namespace, pod: pod, request)
        case .job(let namespace, let name):
            return try await jobs.job(namespace: namespace, name: name, request)
        case .unknown: throw StatusResponse.noSuchResource
        }
    }

    /// Answers an upgrade.
    func upgrade(
        _ route: KubernetesRoute, _ request: ServerRequest
    ) async throws -> UpgradeDecision {
        guard case .log(let namespace, let pod) = route else {
            throw StatusResponse.noSuchResource
        }
        return try await logs.upgrade(namespace: namespace, pod: pod, request)
    }

    private func discover(
        _ document: some Encodable, _ request: ServerRequest
    ) throws -> ServerResponse {
        _ = try AcceptedForm(request.header("Accept"), hasTables: false)
        return JSONAnswer.ok(document)
    }
}
