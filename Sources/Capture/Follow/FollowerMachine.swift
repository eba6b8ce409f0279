import Kubernetes
import LogModel

/// Decides how the log of one container instance is followed: a pure value, driven by events, with
/// time as an argument.
///
/// It gives one ``FollowerAction`` at a time and expects that action's answer; `changed` may come
/// at any time. Three rules carry it:
/// - The end of a body says nothing about the container. Only the Pod's status does.
/// - A log is complete when the status says that the instance has ended *and* two reads in a row
///   end at the same place, the last of them without `follow`.
/// - What cannot be completed ends with a gap record.
package struct FollowerMachine: Sendable {
    /// Where a follower is.
    package enum State: Sendable, Equatable {
        /// The instance has not started; only the watch moves it.
        /// Can transition to: open, ended, lost.
        case waiting
        /// A log request is on its way.
        /// Can transition to: checking, streaming, draining, waiting, resuming, lost.
        case open(LogPlan)
        /// The status is asked for: `plan` is the request whose body waits to be read, `nil` after
        /// the end of a body. Can transition to: streaming, draining, open, resuming, lost.
        case checking(LogPlan?)
        /// A body is being followed. Can transition to: checking, open, resuming, lost.
        case streaming(since: ContinuousClock.Instant, recycles: Bool)
        /// A wait before the next request. Can transition to: open, waiting, lost.
        case resuming(mustWait: Bool)
        /// A body without `follow` is being read, after the instance has ended.
        /// Can transition to: open, resuming, ended, lost.
        case draining
        /// The log is complete. Final.
        case ended
        /// The rest of the log cannot be had. Final.
        case lost
    }

    /// Where the follower is.
    package private(set) var state = State.waiting
    /// How the instance stands, as far as known.
    package private(set) var instance: InstanceState

    private let settings: FollowerSettings
    private var random: SplitMix
    private var backoff: Backoff
    private var knownEnd = InstanceState.End()
    private var hasLines: Bool
    /// Whether there can have been a log.
    private var hasStarted: Bool
    /// How the last body ended, if that is a place which the next one can be compared with.
    private var lastEnd: BodyEnd?
    /// The last good read after the end of the instance.
    private var drained: BodyEnd?
    /// When the body that is read is cut, whatever it brings.
    private var bodyDeadline = ContinuousClock.Instant.now
    private var silence = SilenceWatch()
    private var refusals = 0
    private var drains = 0

    /// A follower of an instance that stands at `instance`.
    ///
    /// `hasLines` says whether lines are stored: then a replay proves which instance is read. The
    /// jitter of the waits comes from `seed`.
    package init(
        instance: InstanceState, hasLines: Bool, settings: FollowerSettings, seed: UInt64
    ) {
        self.instance = instance
        self.hasLines = hasLines
        hasStarted = instance != .waiting || hasLines
        self.settings = settings
        random = SplitMix(seed: seed)
        backoff = Backoff(initial: settings.firstBackoff, maximum: settings.longestBackoff)
        knownEnd = instance.end ?? knownEnd
    }

    /// The first action.
    package mutating func start() -> FollowerAction { proceed() }

    /// Takes an event in; `nil` when the current action goes on.
    package mutating func handle(
        _ event: FollowerEvent, now: ContinuousClock.Instant
    ) -> FollowerAction? {
        switch (state, event) {
        case (.ended, _), (.lost, _): nil
        case (_, .changed(let new)): changed(to: new, now)
        case (.open(let plan), .answered(let answer)): answered(answer, to: plan, now)
        case (.open, .requestFailed(_, let after)), (.checking(nil), .requestFailed(_, let after)):
            retry(atLeast: after, now)
        case (.checking(.some), .requestFailed), (.checking(.some), .bodyEnded):
            // The body that waited is given up with the question.
            retry(now)
        case (.checking(let plan), .status(let new)): checked(new, plan, now)
        case (.streaming(let since, _), .timer): bodyTimer(since, now)
        case (.streaming(let since, let recycles), .bodyEnded(let end)):
            followEnded(end, after: now - since, recycles, now)
        case (.draining, .timer): .cutBody
        case (.draining, .bodyEnded(let end)): drainEnded(end, now)
        case (.resuming, .timer), (.waiting, .timer): proceed()
        default: nil
        }
    }

    // MARK: - The instance

    /// An instance never goes back; a view that is older than what is known is dropped.
    private mutating func learn(_ new: InstanceState) -> Bool {
        knownEnd = new.end ?? knownEnd
        guard new.rank > instance.rank else { return false }
        if new != .gone { hasStarted = true }
        instance = new
        return true
    }

    private mutating func changed(
        to new: InstanceState, _ now: ContinuousClock.Instant
    ) -> FollowerAction? {
        guard learn(new) else { return nil }
        switch state {
        case .waiting, .resuming(mustWait: false): return proceed()
        case .streaming where new.rank >= InstanceState.terminated(.init()).rank:
            bodyDeadline = now + settings.endGrace
            return .read(until: bodyDeadline)
        default: return nil
        }
    }

    private mutating func checked(
        _ new: InstanceState, _ plan: LogPlan?, _ now: ContinuousClock.Instant
    ) -> FollowerAction {
        _ = learn(new)
        guard let plan else {
            return instance.rank > InstanceState.running.rank ? proceed() : retry(now)
        }
        // The body belongs to our instance if it still is the one that the request named.
        switch instance {
        case .running, .terminated: return plan.previous ? proceed() : read(plan, now)
        case .replaced: return plan.previous ? read(plan, now) : proceed()
        case .waiting, .outOfReach, .gone: return proceed()
        }
    }

    // MARK: - Requests

    /// What comes next, from how the instance stands.
    private mutating func proceed() -> FollowerAction {
        switch instance {
        case .waiting:
            state = .waiting
            return .wait(until: nil)
        case .running: return open(LogPlan(follow: true, previous: false))
        case .terminated: return open(LogPlan(follow: false, previous: false))
        case .replaced: return open(LogPlan(follow: false, previous: true))
        case .outOfReach: return lose("the container was started again before its log was read")
        case .gone where !hasStarted:
            state = .ended
            return .finish(knownEnd, gap: nil, withHeldBack: false)
        case .gone:
            if let drained { return complete(drained) }
            return lose("the Pod was gone before the end of its log was confirmed")
        }
    }

    private mutating func open(_ plan: LogPlan) -> FollowerAction {
        state = .open(plan)
        return .open(plan)
    }

    private mutating func answered(
        _ answer: LogAnswer, to plan: LogPlan, _ now: ContinuousClock.Instant
    ) -> FollowerAction {
        switch answer {
        case .body:
            // Without a stored line no replay can show whose log this is: ask.
            guard !hasLines else { return read(plan, now) }
            state = .checking(plan)
            return .askStatus
        case .notStarted:
            if instance == .waiting { return proceed() }
            return retry(now)
        case .nothingKept(let message), .refused(let message):
            refusals += 1
            return refusals < settings.refusals ? retry(now) : lose(message)
        case .forbidden: return retry(atLeast: settings.longestBackoff, now)
        case .podGone:
            _ = learn(.gone)
            return proceed()
        case .nodeGone(let message): return lose("the node is gone: \(message)")
        case .unknownToKubelet, .failed: return retry(now)
        case .busy(let after): return retry(atLeast: after, now)
        }
    }

    private mutating func read(_ plan: LogPlan, _ now: ContinuousClock.Instant) -> FollowerAction {
        if plan.follow {
            state = .streaming(since: now, recycles: false)
            let share = Double.random(in: 0.75...1, using: &random)
            bodyDeadline = now + settings.recycleAfter * share
            silence.opened(at: now)
            return readOn()
        }
        state = .draining
        return .read(until: now + settings.recycleAfter)
    }

    /// Waits before the next request; not shorter than the server asked for.
    private mutating func retry(
        atLeast least: Duration? = nil, _ now: ContinuousClock.Instant
    ) -> FollowerAction {
        let delay = backoff.next(using: &random)
        if instance == .gone || instance.rank == InstanceState.outOfReach(.init()).rank {
            return proceed()
        }
        state = .resuming(mustWait: least != nil)
        guard let least else { return .wait(until: now + delay) }
        // A little later than asked, each by another delay, so that not all come back at once.
        return .wait(until: now + least + delay / 2)
    }

    // MARK: - Ends of bodies

    /// Takes in that a body has brought new lines.
    ///
    /// - Returns: whether the deadline of the read has to be looked at again.
    package mutating func arrived(bytes: Int, now: ContinuousClock.Instant) -> Bool {
        let wasWatching = silence.deadline != nil
        silence.arrived(bytes: bytes, at: now)
        return !wasWatching && silence.deadline != nil
    }

    /// Reads until the body has had its time, or has been silent for too long.
    private func readOn() -> FollowerAction {
        .read(until: min(bodyDeadline, silence.deadline ?? bodyDeadline))
    }

    private mutating func bodyTimer(
        _ since: ContinuousClock.Instant, _ now: ContinuousClock.Instant
    ) -> FollowerAction {
        if now < bodyDeadline {
            guard let deadline = silence.deadline, now >= deadline else { return readOn() }
            silence.gaveUp()
        }
        state = .streaming(since: since, recycles: true)
        return .cutBody
    }

    private mutating func followEnded(
        _ end: BodyEnd, after lasted: Duration, _ recycles: Bool, _ now: ContinuousClock.Instant
    ) -> FollowerAction {
        note(end)
        if lasted >= settings.provenAfter { backoff.reset() }
        if let loss = removed(end) { return loss }
        if end.kind == .heldBack || end.text != nil { return retry(now) }
        if recycles || instance.rank > InstanceState.running.rank { return proceed() }
        state = .checking(nil)
        return .askStatus
    }

    private mutating func drainEnded(
        _ end: BodyEnd, _ now: ContinuousClock.Instant
    ) -> FollowerAction {
        let before = lastEnd
        note(end)
        if let loss = removed(end) { return loss }
        let isGood = end.kind == .clean && end.isProven && end.text == nil
        if isGood, end.fresh == 0, let before, before.heldBack == end.heldBack {
            return complete(end)
        }
        // Good enough if the Pod is gone before it can be confirmed.
        drained = isGood ? end : nil
        if isGood || end.fresh > 0 {
            drains = 0
            return proceed()
        }
        if end.kind == .heldBack { return retry(now) }
        drains += 1
        return drains < settings.drains
            ? retry(now) : lose("the end of the log could not be confirmed")
    }

    /// Keeps what the next read is compared with. After a cut or an unproven body that is nothing.
    private mutating func note(_ end: BodyEnd) {
        if end.fresh > 0 { hasLines = true }
        lastEnd = end.kind == .clean && end.isProven && end.text == nil ? end : nil
    }

    private mutating func complete(_ end: BodyEnd) -> FollowerAction {
        state = .ended
        return .finish(knownEnd, gap: nil, withHeldBack: end.heldBack != 0)
    }

    private mutating func removed(_ end: BodyEnd) -> FollowerAction? {
        guard end.text == .logRemoved else { return nil }
        return lose("the container runtime has removed the log")
    }

    private mutating func lose(_ reason: String) -> FollowerAction {
        state = .lost
        return .finish(
            knownEnd, gap: .init(certainty: .possible, reason: reason), withHeldBack: false)
    }
}

extension InstanceState {
    /// The order in which an instance moves.
    var rank: Int {
        switch self {
        case .waiting: 0
        case .running: 1
        case .terminated: 2
        case .replaced: 3
        case .outOfReach: 4
        case .gone: 5
        }
    }
}
