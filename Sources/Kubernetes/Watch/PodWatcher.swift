package import Logging
import Synchronization

/// Keeps an observer informed of the Pods of some namespaces, or of all.
///
/// Lists each scope in pages, watches it from there, and goes on for as long as ``run(observer:)``
/// is not cancelled, whatever fails: only the delays grow. Each scope is a loop of its own.
package actor PodWatcher {
    private let client: KubernetesClient
    private let scopes: [String?]
    private let selector: String?
    private let settings: PodWatcherSettings
    private let clock: WatchClock
    private let logger: Logger
    private nonisolated let scopeHealth: Mutex<[WatchHealth]>

    /// A watcher that does nothing until it runs.
    ///
    /// - Parameters:
    ///   - client: asks the API server; watches get connections of their own.
    ///   - namespaces: the namespaces to watch; none of them: all that there are.
    ///   - selector: a label selector that the Pods must match.
    ///   - settings: page size and delays.
    ///   - logger: hears of every failure.
    ///   - clock: the time.
    package init(
        client: KubernetesClient, namespaces: [String], selector: String?,
        settings: PodWatcherSettings = PodWatcherSettings(), logger: Logger,
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
    package func run(observer: any PodObserver) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for (index, namespace) in scopes.enumerated() {
                group.addTask { try await self.follow(namespace, index, observer) }
            }
        }
    }

    /// The driver of one scope's ``PodWatchMachine``.
    private nonisolated func follow(
        _ namespace: String?, _ index: Int, _ observer: any PodObserver
    ) async throws {
        var machine = PodWatchMachine(namespace: namespace, settings: settings)
        var watch: PodWatch?
        var plan = machine.start()
        while true {
            try Task.checkCancellation()
            if let failure = plan.failure { log(failure, namespace, plan.delay) }
            if let event = plan.event { await observer.observe(event) }
            if plan.next != .read { watch = nil }
            if plan.delay > .zero { try await clock.sleep(plan.delay) }
            do {
                switch plan.next {
                case .list(let token):
                    let page = try await client.listPods(
                        namespace: namespace, selector: selector, continueToken: token,
                        limit: settings.pageSize)
                    plan = machine.listed(page)
                case .watch(let version):
                    watch = try await client.watchPods(
                        namespace: namespace, selector: selector, resourceVersion: version)
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
            level: level, "watching pods was interrupted",
            metadata: [
                "namespace": "\(namespace ?? "(all)")", "error": "\(failure.message)",
                "retryIn": "\(delay)",
            ])
    }
}
