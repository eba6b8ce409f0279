import HTTPClient
import Kubernetes
import LogModel

/// Decides how the log of one container instance is followed: a pure value, driven by events, with
/// time as an argument.
///
/// It gives one ``FollowerAction`` at a time and expects that action's answer; `changed` may come
/// at any time. Four rules carry it:
/// - The end of a body says nothing about the container. Only the Pod's status does.
/// - A body that does not contain our last line is another instance's, or the log was rotated. Only
///   the Pod's status tells which, and it may lag: nothing is taken from such a body before.
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
        /// A body is being followed. Can transition to: naming, checking, open, resuming, lost.
        case streaming(since: ContinuousClock.Instant, recycles: Bool)
        /// A body that does not contain our last line waits, while the API server is asked whose
        /// Pod its name means. Can transition to: verifying, open, lost.
        case naming(LogPlan, since: ContinuousClock.Instant)
        /// The body waits on, first for the status to settle and then for its answer.
        /// Can transition to: streaming, draining, open, resuming, lost.
        case verifying(LogPlan, isOurPod: Bool)
        /// A wait before the next request. Can transition to: open, waiting, lost.
        case resuming(mustWait: Bool)
        /// A body without `follow` is being read, after the instance has ended.
        /// Can transition to: naming, open, resuming, ended, lost.
        case draining(LogPlan)
        /// The log is complete. Final.
        case ended
        /// The rest of the log cannot be had. Final.
        case lost
    }

    /// Where the follower is.
    package internal(set) var state = State.waiting
    /// How the instance stands, as far as known.
    package private(set) var instance: InstanceState

    let settings: FollowerSettings
    var random: SplitMix
    var backoff: Backoff
    var hasLines: Bool
    /// How the last body ended, if that is a place which the next one can be compared with.
    var lastEnd: BodyEnd?
    /// When the body that is read is cut, whatever it brings.
    var bodyDeadline = ContinuousClock.Instant.now
    var silence: SilenceWatch
    /// Whether a body that falls silent may have missed a rotation.
    package var watchesSilence = true
    /// Last reads in a row without any line.
    var silentReads = 0
    private var knownEnd = InstanceState.End()
    /// How the instance stood when its Pod was last seen.
    private var lastSeen: InstanceState
    /// Whether there can have been a log.
    private var hasStarted: Bool
    private var nothingKeptAnswers = 0
    /// Whether the node was to blame for the last failure.
    package private(set) var isWaitingForNode = false
    /// Since when no request has brought the end nearer, once the instance has ended.
    var failingSince: ContinuousClock.Instant?

    /// A follower of an instance that stands at `instance`.
    ///
    /// `storedBytes` of its lines are stored; where there are any, a replay proves which instance is
    /// read. The jitter of the waits comes from `seed`.
    package init(
        instance: InstanceState, storedBytes: Int64, settings: FollowerSettings, seed: UInt64
    ) {
        self.instance = instance
        lastSeen = instance
        hasLines = storedBytes > 0
        silence = SilenceWatch(bytes: Int(clamping: storedBytes))
        hasStarted = instance != .waiting || storedBytes > 0
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
        case (.open, .requestFailed(let why, let after)),
            (.checking, .requestFailed(let why, let after)),
            (.verifying, .requestFailed(let why, let after)):
            // A body that waited is given up with the question.
            retry(because: why, atLeast: after, now)
        case (.open, .heldBack): retry(because: nil, now)
        case (.checking(.some), .bodyEnded): retry(because: "the body was cut", now)
        case (.checking(let plan), .status(let new)): checked(new, plan, now)
        case (.streaming(let since, _), .timer): bodyTimer(since, now)
        case (.streaming(let since, let recycles), .bodyEnded(let end)):
            followEnded(end, after: now - since, recycles, now)
        case (.streaming, .bodyBroken): askForName(.following, now)
        case (.draining(let plan), .bodyBroken): askForName(plan, now)
        case (.naming(let plan, let since), .status(let new)): named(new, plan, since, now)
        case (.naming(let plan, let since), .requestFailed):
            verify(plan, isOurPod: false, since, now)
        case (.naming, .nameTaken), (.verifying(_, isOurPod: false), .nameTaken): refuse()
        case (.naming, .bodyEnded), (.verifying, .bodyEnded): proceed()
        case (.verifying, .timer): .askStatus
        case (.checking, .nameTaken): gone()
        case (.verifying(let plan, _), .status(let new)): verified(new, plan, now)
        case (.verifying(let plan, isOurPod: true), .nameTaken): verified(.gone, plan, now)
        case (.draining, .timer): .cutBody
        case (.draining, .bodyEnded(let end)): drainEnded(end, now)
        case (.resuming, .timer), (.waiting, .timer): proceed()
        case (.resuming(mustWait: false), .nodeAnswered) where isWaitingForNode: proceed()
        default: nil
        }
    }

    // MARK: - The instance

    /// An instance never goes back; a view that is older than what is known is dropped.
    mutating func learn(_ new: InstanceState) -> Bool {
        // A status that does not reach back so far says nothing of the end.
        if let end = new.end, end != InstanceState.End() { knownEnd = end }
        // The watch may tell how a Pod stood last behind an answer that it is gone.
        if new != .gone, new.rank > lastSeen.rank {
            hasStarted = true
            lastSeen = new
        }
        guard new.rank > instance.rank else { return false }
        instance = new
        return true
    }

    private mutating func changed(
        to new: InstanceState, _ now: ContinuousClock.Instant
    ) -> FollowerAction? {
        guard learn(new) else { return nil }
        switch state {
        case .waiting, .resuming(mustWait: false): return proceed()
        case .streaming where hasEnded:
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
            return hasEnded ? proceed() : retry(because: nil, now)
        }
        return isOurs(plan, new) ? read(plan, now) : proceed()
    }

    /// The name is another Pod's, and so is the body.
    private mutating func refuse() -> FollowerAction {
        _ = learn(.gone)
        return .cutBody
    }

    private mutating func gone() -> FollowerAction {
        _ = learn(.gone)
        return proceed()
    }

    /// Whether a body that was asked for by `plan` is our instance's, when the API server, asked
    /// since, has said `answer`.
    ///
    /// Where it has no Pod of that name any more, nobody else's log can have been asked for by it.
    func isOurs(_ plan: LogPlan, _ answer: InstanceState) -> Bool {
        switch answer == .gone ? lastSeen : instance {
        case .running, .terminated: !plan.previous
        case .replaced: plan.previous
        case .waiting, .outOfReach, .gone: false
        }
    }

    /// Whether the instance does not run any more.
    var hasEnded: Bool { instance.rank > InstanceState.running.rank }

    // MARK: - Requests

    /// What comes next, from how the instance stands.
    mutating func proceed() -> FollowerAction {
        switch instance {
        case .waiting:
            state = .waiting
            return .wait(until: nil)
        case .running: return open(.following)
        case .terminated: return open(LogPlan(follow: false, previous: false))
        case .replaced: return open(LogPlan(follow: false, previous: true))
        case .outOfReach: return lose("the container was started again before its log was read")
        case .gone where !hasStarted:
            state = .ended
            return .finish(knownEnd, gap: nil, withHeldBack: false)
        case .gone: return lose("the Pod was gone before the end of its log was confirmed")
        }
    }

    private mutating func open(_ plan: LogPlan) -> FollowerAction {
        isWaitingForNode = false
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
        case .notStarted(let message):
            if instance == .waiting { return proceed() }
            return retry(because: message, now)
        case .nothingKept(let message):
            nothingKeptAnswers += 1
            return nothingKeptAnswers < settings.nothingKeptAnswers
                ? retry(because: message, now) : lose(message)
        // Also what a proxy in front of the API server says while it is not well.
        case .refused(let message): return retry(because: message, now)
        case .forbidden(let message):
            return retry(because: message, atLeast: settings.longestBackoff, now)
        case .podGone:
            _ = learn(.gone)
            return proceed()
        case .nodeGone(let message): return lose("the node is gone: \(message)")
        case .unknownToKubelet:
            isWaitingForNode = true
            return retry(because: "the kubelet does not know the Pod", now)
        case .failed(let message):
            isWaitingForNode = true
            return retry(because: message, now)
        case .busy(let after): return retry(because: "too many requests", atLeast: after, now)
        }
    }

    /// Waits before the next request; not shorter than the server asked for.
    ///
    /// Once the instance has ended, requests that fail, or bring nothing that can be compared, are
    /// sent for ``FollowerSettings/giveUpAfter`` at most.
    mutating func retry(
        because failure: String?, atLeast least: Duration? = nil, _ now: ContinuousClock.Instant
    ) -> FollowerAction {
        let delay = backoff.next(using: &random)
        if instance == .gone || instance.rank == InstanceState.outOfReach(.init()).rank {
            return proceed()
        }
        if hasEnded, let failure {
            let since = failingSince ?? now
            failingSince = since
            if now - since >= settings.giveUpAfter {
                return lose("the end of the log could not be read: \(failure)")
            }
        }
        state = .resuming(mustWait: least != nil)
        guard let least else { return .wait(until: now + delay) }
        // A little later than asked, each by another delay, so that not all come back at once.
        return .wait(until: now + least + delay / 2)
    }

    // MARK: - The end

    mutating func complete(_ end: BodyEnd) -> FollowerAction {
        state = .ended
        return .finish(knownEnd, gap: nil, withHeldBack: end.heldBack != 0)
    }

    mutating func lose(_ reason: String) -> FollowerAction {
        state = .lost
        return .finish(
            knownEnd, gap: .init(certainty: .possible, reason: reason), withHeldBack: true)
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
