import HTTPClient

/// Decides how one scope's Pods are listed and watched; does nothing itself.
///
/// Each input returns a plan, and the result of the plan's request is the next input.
///
/// ```
/// listing ── last page ──► opening ── head arrived ──► watching
///    ▲  ▲                    │  ▲                        │
///    │  └── expired, or 3 ───┘  └── ended, silent, cut ──┤
///    │      failures in a row                            │
///    └────────────── expired (410 in either form) ───────┘
/// ```
///
/// A watch that lived long, or that brought anything, has proven itself: delays start again from
/// the smallest. One that did not is followed by a longer delay each time, a clean end as well, so
/// that a server that ends every watch at once is asked ever more rarely.
struct PodWatchMachine {
    private enum State {
        /// Collects pages. Can transition to: opening.
        case listing(collected: [Pod], continueToken: String?)
        /// The watch is asked for. Can transition to: watching, listing.
        case opening
        /// Events are read. Can transition to: opening, listing.
        case watching(since: ContinuousClock.Instant, productive: Bool)
    }

    /// Whether the scope is in sync, and what went wrong last.
    private(set) var health = WatchHealth()

    private let namespace: String?
    private let settings: PodWatcherSettings
    private var state = State.listing(collected: [], continueToken: nil)
    private var resourceVersion = ""
    private var backoff: Backoff
    private var random: any RandomNumberGenerator & Sendable
    /// Failures since the last sign that all is well.
    private var failures = 0

    /// A machine for the Pods of one namespace, or of all (`nil`).
    init(
        namespace: String?, settings: PodWatcherSettings,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.namespace = namespace
        self.settings = settings
        self.random = random
        backoff = Backoff(initial: settings.initialDelay, maximum: settings.maximumDelay)
    }

    /// The first plan.
    mutating func start() -> PodWatchPlan {
        PodWatchPlan(next: listAnew())
    }

    /// A page has arrived.
    mutating func listed(_ page: PodList) -> PodWatchPlan {
        guard case .listing(let collected, _) = state else {
            preconditionFailure("a page that nobody asked for")
        }
        let pods = collected + page.pods
        if let token = page.continueToken {
            state = .listing(collected: pods, continueToken: token)
            return PodWatchPlan(next: .list(continueToken: token))
        }
        resourceVersion = page.resourceVersion
        prove()
        return PodWatchPlan(event: .replaced(pods, namespace: namespace), next: open())
    }

    /// The head of the watch has arrived.
    mutating func opened(at now: ContinuousClock.Instant) -> PodWatchPlan {
        state = .watching(since: now, productive: false)
        return PodWatchPlan(next: .read)
    }

    /// An event of the watch has arrived.
    mutating func received(_ event: WatchEvent, at now: ContinuousClock.Instant) -> PodWatchPlan {
        switch event {
        case .added(let pod), .modified(let pod):
            progress(to: pod.metadata.resourceVersion)
            return PodWatchPlan(event: .updated(pod), next: .read)
        case .deleted(let pod):
            progress(to: pod.metadata.resourceVersion)
            return PodWatchPlan(event: .deleted(pod), next: .read)
        case .bookmark(let version):
            progress(to: version)
            return PodWatchPlan(next: .read)
        case .error(let status):
            return failed(WatchFailure(status), at: now)
        }
    }

    /// The server has ended the watch cleanly, as it does every 30 to 60 minutes.
    mutating func ended(at now: ContinuousClock.Instant) -> PodWatchPlan {
        let wasSteady = settle(at: now)
        return PodWatchPlan(delay: wasSteady ? .zero : delay(), next: open())
    }

    /// A list or watch has failed, or an open watch broke.
    mutating func failed(_ failure: WatchFailure, at now: ContinuousClock.Instant) -> PodWatchPlan {
        if case .listing(_, let token) = state {
            count(failure)
            // Pages that are here stay good while the token is.
            return PodWatchPlan(
                failure: failure, delay: delay(atLeast: failure.retryAfter),
                next: failure.isExpired ? listAnew() : .list(continueToken: token))
        }
        let wasSteady = settle(at: now)
        if failure.isExpired {
            return PodWatchPlan(
                failure: failure,
                delay: wasSteady ? .zero : delay(atLeast: failure.retryAfter), next: listAnew())
        }
        if failure.isSilence && wasSteady { return PodWatchPlan(failure: failure, next: open()) }
        count(failure)
        return PodWatchPlan(
            failure: failure, delay: delay(atLeast: failure.retryAfter),
            next: failures >= settings.failuresBeforeList ? listAnew() : open())
    }

    // MARK: - Steps

    private mutating func listAnew() -> PodWatchPlan.Request {
        state = .listing(collected: [], continueToken: nil)
        return .list(continueToken: nil)
    }

    private mutating func open() -> PodWatchPlan.Request {
        state = .opening
        return .watch(resourceVersion: resourceVersion)
    }

    private mutating func progress(to version: String) {
        guard case .watching(let since, let productive) = state else {
            preconditionFailure("an event of a watch that is not open")
        }
        if !version.isEmpty { resourceVersion = version }
        if !productive { state = .watching(since: since, productive: true) }
        prove()
    }

    /// Looks back at a watch that is over: whether it lived long enough to be called healthy.
    private mutating func settle(at now: ContinuousClock.Instant) -> Bool {
        guard case .watching(let since, let productive) = state else { return false }
        let steady = since.duration(to: now) >= settings.steadyAfter
        if steady || productive {
            prove()
            backoff.reset()
        }
        return steady
    }

    /// All is well.
    private mutating func prove() {
        failures = 0
        health = WatchHealth(synced: true)
    }

    private mutating func count(_ failure: WatchFailure) {
        failures += 1
        health.lastError = failure.message
        if failures >= settings.failuresBeforeList { health.synced = false }
    }

    private mutating func delay(atLeast least: Duration? = nil) -> Duration {
        max(backoff.next(using: &random), least ?? .zero)
    }
}
