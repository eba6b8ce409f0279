import HTTPClient

/// Decides how one scope's objects are listed and watched; does nothing itself.
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
///
/// A resource that Podwire can do without, and that the server does not have or does not show, is
/// in sync with nothing: it is listed again after a long delay, and counts as there when it can be
/// both listed and watched.
struct ResourceWatchMachine<Object: WatchedObject> {
    typealias Plan = ResourceWatchPlan<Object>

    private enum State {
        /// Collects pages. Can transition to: opening.
        case listing(collected: [Object], continueToken: String?)
        /// The watch is asked for. Can transition to: watching, listing.
        case opening
        /// Events are read. Can transition to: opening, listing.
        case watching(since: ContinuousClock.Instant, productive: Bool)
    }

    /// Whether the scope is in sync, and what went wrong last.
    private(set) var health = WatchHealth()

    private let namespace: String?
    private let settings: WatcherSettings
    private var state = State.listing(collected: [], continueToken: nil)
    private var resourceVersion = ""
    private var backoff: Backoff
    private var random: any RandomNumberGenerator & Sendable
    /// The observer was told that there is nothing to watch.
    private var isUnavailable = false
    /// What a list has brought while nobody knows yet whether it can be watched, too.
    private var withheld: ResourceEvent<Object>?
    /// Failures since the last sign that all is well.
    private var failures = 0

    /// A machine for the objects of one namespace, or of all (`nil`).
    init(
        namespace: String?, settings: WatcherSettings,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.namespace = namespace
        self.settings = settings
        self.random = random
        backoff = Backoff(initial: settings.initialDelay, maximum: settings.maximumDelay)
    }

    /// The first plan.
    mutating func start() -> Plan {
        Plan(next: listAnew())
    }

    /// A page has arrived.
    mutating func listed(_ page: ResourceList<Object>) -> Plan {
        guard case .listing(let collected, _) = state else {
            preconditionFailure("a page that nobody asked for")
        }
        let objects = collected + page.items
        if let token = page.continueToken {
            state = .listing(collected: objects, continueToken: token)
            return Plan(next: .list(continueToken: token))
        }
        resourceVersion = page.resourceVersion
        prove()
        let event = ResourceEvent.replaced(objects, namespace: namespace)
        guard isUnavailable else { return Plan(event: event, next: open()) }
        // A permission to list alone is not enough: the next plan would take it all back.
        withheld = event
        return Plan(next: open())
    }

    /// The head of the watch has arrived.
    mutating func opened(at now: ContinuousClock.Instant) -> Plan {
        state = .watching(since: now, productive: false)
        guard isUnavailable else { return Plan(next: .read) }
        isUnavailable = false
        defer { withheld = nil }
        return Plan(availability: .regained, event: withheld, next: .read)
    }

    /// An event of the watch has arrived.
    mutating func received(_ event: WatchEvent<Object>, at now: ContinuousClock.Instant) -> Plan {
        switch event {
        case .added(let object), .modified(let object):
            progress(to: object.metadata.resourceVersion)
            return Plan(event: .updated(object), next: .read)
        case .deleted(let object):
            progress(to: object.metadata.resourceVersion)
            return Plan(event: .deleted(object), next: .read)
        case .bookmark(let version):
            progress(to: version)
            return Plan(next: .read)
        case .error(let status):
            return failed(WatchFailure(status, operation: Object.resource.watching), at: now)
        }
    }

    /// The server has ended the watch cleanly, as it does every 30 to 60 minutes.
    mutating func ended(at now: ContinuousClock.Instant) -> Plan {
        let wasSteady = settle(at: now)
        return Plan(delay: wasSteady ? .zero : delay(), next: open())
    }

    /// A list or watch has failed, or an open watch broke.
    mutating func failed(_ failure: WatchFailure, at now: ContinuousClock.Instant) -> Plan {
        if failure.isUnavailable && Object.resource.absence != nil { return doWithout(failure) }
        if case .listing(_, let token) = state {
            count(failure)
            // Pages that are here stay good while the token is.
            return Plan(
                failure: failure, delay: delay(atLeast: failure.retryAfter),
                next: failure.isExpired ? listAnew() : .list(continueToken: token))
        }
        let wasSteady = settle(at: now)
        if failure.isExpired {
            return Plan(
                failure: failure,
                delay: wasSteady ? .zero : delay(atLeast: failure.retryAfter), next: listAnew())
        }
        if failure.isSilence && wasSteady { return Plan(failure: failure, next: open()) }
        count(failure)
        return Plan(
            failure: failure, delay: delay(atLeast: failure.retryAfter),
            next: failures >= settings.failuresBeforeList ? listAnew() : open())
    }

    // MARK: - Steps

    /// The resource is not to be had: that is said once, and from then on asked rarely.
    private mutating func doWithout(_ failure: WatchFailure) -> Plan {
        let isNews = !isUnavailable
        isUnavailable = true
        prove()
        backoff.reset()
        return Plan(
            availability: isNews ? .lost(failure) : nil, delay: settings.unavailableDelay,
            next: listAnew())
    }

    private mutating func listAnew() -> Plan.Request {
        state = .listing(collected: [], continueToken: nil)
        return .list(continueToken: nil)
    }

    private mutating func open() -> Plan.Request {
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
