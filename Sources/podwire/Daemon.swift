import Access
import Capture
import Foundation
import Gateway
import HTTPClient
import Kubernetes
import Logging
import Retention
import ServiceLifecycle
import StatusFetcher
import Store
import WebServer
import Webhooks

/// The daemon: makes its parts, wires them, and runs them until it is told to stop.
///
/// ```
/// PodWatcher ─► StatusFetcher ─► Store ─► Gateway ─► WebServer
/// JobWatcher ──────┘
///          └──► Dispatcher ──────► ┘├──► WebhookService
///                                   └──► RetentionService
/// ```
/// Nothing is half-started: what has been opened is closed again when a later part fails.
enum Daemon {
    /// Runs until SIGTERM or SIGINT.
    ///
    /// - Throws: when the settings cannot be acted on: no cluster, an unwritable data directory, an
    ///   occupied port. An API server that is out of reach is no such case: it is tried again.
    static func run(_ settings: Settings, logger: Logger) async throws {
        let stop = await StopSignal()
        let environment = ProcessInfo.processInfo.environment
        guard
            let access = try ClusterConfiguration.load(
                kubeconfig: settings.kubeconfig, context: settings.context,
                environment: environment)
        else { throw NoClusterError() }
        FileDescriptorLimit.raise()
        ProcessMetrics.begin()
        let hangups = await HangupNotice(logger: logger)
        let store = try Store.open(
            directory: settings.dataDirectory, settings: settings.store, logger: logger)
        do {
            let http = try HTTPClient(settings.httpClient, logger: logger)
            do {
                try await serve(
                    settings, access: access, store: store, http: http, hangups: hangups,
                    stop: stop, logger: logger)
            } catch {
                await http.close()
                throw error
            }
            await http.close()
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        logger.info("Stopped")
    }

    private static func serve(
        _ settings: Settings, access: ClusterAccess, store: Store, http: HTTPClient,
        hangups: HangupNotice, stop: StopSignal, logger: Logger
    ) async throws {
        let userAgent = "podwire/\(Version.current)"
        // Before anything writes an event, so that a new target misses none of this run.
        let webhooks = try await WebhookService.open(
            settings.webhooks, store: store, http: http, userAgent: userAgent, logger: logger)
        let client = KubernetesClient(
            access: access, http: http, logger: logger, userAgent: userAgent)
        let mapping = settings.mapping
        // Where Pods are selected by their labels, only they tell which Jobs are meant.
        let statusFetcher = StatusFetcher(
            store: store, mapping: mapping, takesJobsAlone: settings.selector == nil,
            logger: logger)
        try await statusFetcher.restore()
        let jobs = JobsForCapture(statusFetcher, mapping: mapping)
        let dispatcher = Dispatcher(
            client: client, store: store, jobs: jobs, observer: jobs,
            settings: settings.dispatcher, logger: logger)
        let watcher = PodWatcher(
            client: client, namespaces: settings.namespaces, selector: settings.selector,
            settings: PodWatcherSettings(), logger: logger)
        let jobWatcher = JobWatcher(
            client: client, namespaces: settings.namespaces, selector: nil, logger: logger)
        let doubts = DoubtService(
            client: client, statusFetcher: statusFetcher, selector: settings.selector,
            logger: logger)
        let control = try settings.accessControl(client, store: store, logger: logger)
        let gateway = try GatewayHandler(
            store: store, control: statusFetcher, access: control,
            hosts: settings.servedHosts, webDirectory: settings.webDirectory,
            readiness: Readiness.checks(watcher: watcher, store: store),
            metrics: DaemonMetrics.sources(
                watcher: watcher, dispatcher: dispatcher, http: http, store: store,
                webhooks: settings.webhooks.map(\.name)),
            version: Version.current, maxConsumers: settings.maxConsumers,
            frameBytes: settings.frameBytes, logger: logger)
        defer { gateway.close() }
        let server = try await WebServer.start(
            settings.webServer, handler: gateway, logger: logger)
        let scheme = settings.server.tls == nil ? "http" : "https"
        let listen = ListenAddress(host: settings.listen.host, port: server.port)
        let address = "\(scheme)://\(listen)"
        logger.info(
            "Serving",
            metadata: [
                "address": "\(address)",
                "cluster": "\(access.name)", "server": "\(access.server)",
                "dataDir": "\(settings.dataDirectory)",
            ])
        if !settings.listen.isLoopback, settings.server.tls == nil {
            logger.warning(
                "Tokens reach this address unencrypted: set tls, or have a proxy encrypt them")
        }
        let observer = ObserverChain([
            statusFetcher, dispatcher,
            ReadyLine(address: address, scopes: settings.scopes),
        ])
        let retention = RetentionService(settings.retention, store: store, logger: logger)
        // A service that has nothing to do would end, and the daemon with it.
        let deliveries = settings.webhooks.isEmpty ? [] : [TaskService { await webhooks.run() }]
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: TaskService { await statusFetcher.run() }),
                    .init(service: TaskService { await dispatcher.run() }),
                    .init(service: TaskService { try await retention.run() }),
                    .init(service: TaskService { try await watcher.run(observer: observer) }),
                    .init(
                        service: TaskService { try await jobWatcher.run(observer: statusFetcher) }),
                    .init(service: TaskService { try await doubts.run() }),
                    .init(service: TaskService { try await control.followers.run() }),
                    .init(service: TaskService { await hangups.run() }),
                    .init(
                        service: TaskService { await stop.wait() },
                        successTerminationBehavior: .gracefullyShutdownGroup),
                ] + deliveries.map { .init(service: $0) },
                logger: logger))
        do {
            try await services.run()
        } catch {
            await server.stop(closing: 1011, reason: "the daemon has failed")
            throw error
        }
        await server.stop(closing: 1001, reason: "the daemon is going away")
    }
}
