package import Logging
import Synchronization

/// Keeps an observer informed of the objects of some namespaces, or of all.
///
/// Lists each scope in pages, watches it from there, and goes on for as long as ``run(observer:)``
/// is not cancelled, whatever fails: only the delays grow. Each scope is a loop of its own.
package actor ResourceWatcher<Object: WatchedObject> {
    /// What the observer is told.
    enum News: Sendable {
        case event(ResourceEvent<Object>)
        case unavailable(reason: String, namespace: String?)
    }

    private let client: KubernetesClient
    private let scopes: [String?]
    private let selector: String?
    private let settings: WatcherSettings
    private let clock: WatchClock
    private let logger: Logger
    private nonisolated let scopeHealth: Mutex<[WatchHealth]>

    /// A watcher that does nothing until it runs.
    ///
    /// - Parameters:
    ///   - client: asks the API server; watches get connections of their own.
    ///   - namespaces: the namespaces to watch; none of them: all that there are.
    ///   - selector: a label selector that the objects must match.
    ///   - settings: page size and delays.
    ///   - logger: hears of every failure.
    ///   - clock: the time.
    package init(
        client: KubernetesClient, namespaces: [String], selector: String?,
        settings: WatcherSettings = WatcherSettings(), logger: Logger,
        clock: WatchClock = .system
    ) {
        self.client = client
        self.selector = selector
        self.settings = settings
        self.clock = clock
        self.logger = logger
        scopes = namespaces.isEmpty ? [nil] : Set(namespaces).sorted()
        scopeHealth = Mutex(Array(repeating: WatchHealth(), count: scopes.count))
    }

    /// Whether all scopes are in sync, and the first of their errors. May be asked from anywhere.
    package nonisolated var health: WatchHealth {
        scopeHealth.withLock { all in
            WatchHealth(
                synced: all.allSatisfy(\.synced), lastError: all.lazy.compactMap(\.lastError).first)
        }
    }

    /// Watches until the task is cancelled, then throws `CancellationError`.
    func run(_ tell: @escaping @Sendable (News) async -> Void) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for (index, namespace) in scopes.enumerated() {
                group.addTask { try await self.follow(namespace, index, tell) }
            }
        }
    }

    /// The driver of one scope's ``ResourceWatchMachine``.
    private nonisolated func follow(
        _ namespace: String?, _ index: Int, _ tell: @Sendable (News) async -> Void
    ) async throws {
        var machine = ResourceWatchMachine<Object>(namespace: namespace, settings: settings)
        var watch: ResourceWatch<Object>?
        var plan = machine.start()
        while true {
            try Task.checkCancellation()
            if let failure = plan.failure { log(failure, namespace, plan.delay) }
            if let availability = plan.availability {
                log(availability, namespace, plan.delay)
                if case .lost(let failure) = availability {
                    await tell(.unavailable(reason: failure.message, namespace: namespace))
                }
            }
            if let event = plan.event { await tell(.event(event)) }
            if plan.next != .read { watch = nil }
            if plan.delay > .zero { try await clock.sleep(plan.delay) }
            do {
                switch plan.next {
                case .list(let token):
                    let page = try await client.list(
                        Object.self, namespace: namespace, selector: selector, continueToken: token,
                        limit: settings.pageSize)
                    plan = machine.listed(page)
                case .watch(let version):
                    watch = try await client.watch(
                        Object.self, namespace: namespace, selector: selector,
                        resourceVersion: version)
                    plan = machine.opened(at: clock.now())
                case .read:
                    if let event = try await watch?.next() {
                        plan = machine.received(event, at: clock.now())
                    } else {
                        plan = machine.ended(at: clock.now())
                    }
                }
            } catch let error as CancellationError {
                throw error
            } catch {
                plan = machine.failed(WatchFailure(error), at: clock.now())
            }
            let health = machine.health
            scopeHealth.withLock { $0[index] = health }
        }
    }

    private nonisolated func log(
        _ failure: WatchFailure, _ namespace: String?, _ delay: Duration
    ) {
        // A version that grew too old, or a silent watch, is all in a day's work.
        let level: Logger.Level = failure.isExpired || failure.isSilence ? .info : .warning
        logger.log(
            level: level, "watching was interrupted",
            metadata: [
                "resource": "\(Object.resource.qualifiedName)",
                "namespace": "\(namespace ?? "(all)")", "error": "\(failure.message)",
                "retryIn": "\(delay)",
            ])
    }

    private nonisolated func log(
        _ availability: ResourceWatchPlan<Object>.Availability, _ namespace: String?,
        _ delay: Duration
    ) {
        let resource = Object.resource
        var metadata: Logger.Metadata = [
            "resource": "\(resource.qualifiedName)", "namespace": "\(namespace ?? "(all)")",
        ]
        switch availability {
        case .lost(let failure):
            metadata["error"] = "\(failure.message)"
            metadata["meaning"] = "\(resource.absence ?? "")"
            metadata["needs"] = "get, list, watch on \(resource.qualifiedName)"
            metadata["retryIn"] = "\(delay)"
            logger.notice("a resource cannot be watched here", metadata: metadata)
        case .regained:
            logger.notice("a resource can be watched now", metadata: metadata)
        }
    }
}
