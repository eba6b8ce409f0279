import HTTPClient
import Store

/// Decides what is next for one target: a pure value, with time as an argument.
///
/// ```
///            ┌── read ◄─────────────────────┐ nothing in hand
///            ▼                              │
///  events in hand ──► deliver ── taken ─────┤ save the position, now and then
///                        ▲ └──── failed ─► pause
///                        └─────────────────┘
/// ```
/// Events are taken one by one, in order. The stored position is never ahead of what the target has
/// taken, and at most ``unsavedLimit`` deliveries behind it.
struct DeliveryMachine {
    typealias Instant = ContinuousClock.Instant

    /// What to do.
    enum Step {
        /// Store the position.
        case save(Int64)
        /// Wait until then.
        case pause(until: Instant)
        /// Post this event.
        case deliver(EventRecord)
        /// Look for events behind this one, waiting for them where there are none.
        case read(after: Int64)
    }

    /// What is worth a line in the log.
    enum Report: Equatable {
        /// Deliveries began to fail, or fail in a new way.
        case failing(String)
        /// The target takes events again, after so many failures in so much time.
        case recovered(failures: Int, after: Duration)
        /// So many events of the feed were deleted before they could be delivered.
        case missed(Int64)
    }

    /// Deliveries between two saved positions, 256. A save waits for a commit, some 10 ms, in which a
    /// near target takes a hundred events: fewer would hold a burst up, more be repeated by a crash.
    static let unsavedLimit = 256
    /// Events that were not wanted and passed over between two saved positions, 256.
    static let skippedLimit: Int64 = 256
    /// Beyond this age an unsaved position is saved with the next event, 10 s.
    static let unsavedAge: Duration = .seconds(10)
    /// The pause behind a position that could not be saved, 1 s.
    static let savePause: Duration = .seconds(1)
    /// The first retry comes within this time, 1 s; the time doubles up to ``longestRetry``.
    static let firstRetry: Duration = .seconds(1)
    /// Retries come at least this often, 5 min, unless the target asks for more time.
    static let longestRetry: Duration = .seconds(300)

    private struct Trouble {
        let since: Instant
        var failures = 0
        var kinds: Set<DeliveryFailure.Kind> = []
    }

    /// Up to here all that the target wants was taken.
    private(set) var position: Int64
    private var savedPosition: Int64
    private var savedAt: Instant
    private var saveAgainAt: Instant?
    private var delivered = 0
    private var pending: ArraySlice<EventRecord> = []
    private var end: Int64
    private var backoff = Backoff(initial: firstRetry, maximum: longestRetry)
    private var retryAt: Instant?
    private var trouble: Trouble?
    private var random: any RandomNumberGenerator & Sendable

    /// Goes on behind a stored position, and draws the pauses by `random`.
    init(
        position: Int64, at now: Instant,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.random = random
        self.position = position
        savedPosition = position
        end = position
        savedAt = now
    }

    /// Whether the stored position is behind.
    var isUnsaved: Bool { position > savedPosition }

    /// What to do now.
    func next(at now: Instant) -> Step {
        if isSaveDue(at: now) { return .save(position) }
        if let retryAt, retryAt > now { return .pause(until: retryAt) }
        if let event = pending.first { return .deliver(event) }
        return .read(after: position)
    }

    private func isSaveDue(at now: Instant) -> Bool {
        guard isUnsaved, saveAgainAt.map({ $0 <= now }) ?? true else { return false }
        if delivered >= Self.unsavedLimit { return true }
        // Before anything that may take long.
        if delivered > 0, pending.isEmpty || retryAt != nil { return true }
        return position - savedPosition >= Self.skippedLimit
            || savedAt.duration(to: now) >= Self.unsavedAge
    }

    // MARK: - What came of it

    /// The position was stored.
    mutating func saved(_ position: Int64, at now: Instant) {
        savedPosition = position
        savedAt = now
        saveAgainAt = nil
        delivered = 0
    }

    /// The position could not be stored. Deliveries go on: a crash would repeat more of them.
    mutating func saveFailed(at now: Instant) {
        saveAgainAt = now + Self.savePause
    }

    /// The feed was read behind ``position``.
    mutating func read(_ batch: EventBatch) -> Report? {
        precondition(pending.isEmpty, "what is in hand is delivered first")
        retryAt = nil
        let missed = batch.oldest - 1 - position
        pending = batch.events[...]
        end = max(batch.end, position)
        if pending.isEmpty { position = end }
        return missed > 0 ? .missed(missed) : nil
    }

    /// The target has taken the event.
    mutating func taken(at now: Instant) -> Report? {
        guard let event = pending.popFirst() else { preconditionFailure("nothing was delivered") }
        position = pending.isEmpty ? end : event.sequence
        delivered += 1
        backoff.reset()
        retryAt = nil
        guard let past = trouble else { return nil }
        trouble = nil
        return .recovered(failures: past.failures, after: past.since.duration(to: now))
    }

    /// The event could not be delivered, or the feed not be read.
    mutating func failed(_ failure: DeliveryFailure, at now: Instant) -> Report? {
        let delay = backoff.next(using: &random)
        retryAt = now + max(delay, failure.retryAfter ?? .zero)
        var trouble = trouble ?? Trouble(since: now)
        trouble.failures += 1
        let isNew = trouble.kinds.insert(failure.kind).inserted
        self.trouble = trouble
        return isNew ? .failing(failure.reason) : nil
    }
}
