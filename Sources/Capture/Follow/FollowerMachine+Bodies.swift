import HTTPClient
import Kubernetes
import LogModel

// What a follower does with the body of a log response, from its head to its end.
extension FollowerMachine {
    mutating func read(_ plan: LogPlan, _ now: ContinuousClock.Instant) -> FollowerAction {
        .read(until: begin(plan, now))
    }

    /// Takes the state of a body that is being read; returns when it is given up.
    private mutating func begin(
        _ plan: LogPlan, _ now: ContinuousClock.Instant
    ) -> ContinuousClock.Instant {
        guard plan.follow else {
            state = .draining(plan)
            return now + settings.recycleAfter
        }
        state = .streaming(since: now, recycles: false)
        let share = Double.random(in: 0.75...1, using: &random)
        bodyDeadline = now + (hasEnded ? settings.endGrace : settings.recycleAfter * share)
        silence.opened(at: now)
        return nextDeadline
    }

    // MARK: - While it is read

    /// Takes in that a body has brought new lines.
    ///
    /// - Returns: whether the deadline of the read has to be looked at again.
    package mutating func arrived(bytes: Int, now: ContinuousClock.Instant) -> Bool {
        let wasWatching = silenceDeadline != nil
        silence.arrived(bytes: bytes, at: now)
        return !wasWatching && silenceDeadline != nil
    }

    private var silenceDeadline: ContinuousClock.Instant? {
        watchesSilence ? silence.deadline : nil
    }

    /// When the body has had its time, or has been silent for too long.
    private var nextDeadline: ContinuousClock.Instant {
        min(bodyDeadline, silenceDeadline ?? bodyDeadline)
    }

    mutating func bodyTimer(
        _ since: ContinuousClock.Instant, _ now: ContinuousClock.Instant
    ) -> FollowerAction {
        if now < bodyDeadline {
            guard let deadline = silenceDeadline, now >= deadline else {
                return .read(until: nextDeadline)
            }
            silence.gaveUp()
        }
        state = .streaming(since: since, recycles: true)
        return .cutBody
    }

    // MARK: - A body without our last line

    /// Asks at once: while the name is our Pod's no other Pod's log can have been asked for by it,
    /// even where another one takes it before the status has settled.
    mutating func askForName(
        _ plan: LogPlan, _ now: ContinuousClock.Instant
    ) -> FollowerAction {
        state = .naming(plan, since: now)
        return .askStatus
    }

    mutating func named(
        _ new: InstanceState, _ plan: LogPlan, _ since: ContinuousClock.Instant,
        _ now: ContinuousClock.Instant
    ) -> FollowerAction {
        _ = learn(new)
        return verify(plan, isOurPod: true, since, now)
    }

    /// The status may be older than the kubelet's own, which named the instance `since`: wait until
    /// it has had its time, which may have passed with the first answer.
    mutating func verify(
        _ plan: LogPlan, isOurPod: Bool, _ since: ContinuousClock.Instant,
        _ now: ContinuousClock.Instant
    ) -> FollowerAction {
        state = .verifying(plan, isOurPod: isOurPod)
        let settled = since + settings.statusLag
        return now < settled ? .wait(until: settled) : .askStatus
    }

    mutating func verified(
        _ new: InstanceState, _ plan: LogPlan, _ now: ContinuousClock.Instant
    ) -> FollowerAction {
        _ = learn(new)
        return isOurs(plan, new) ? .acceptBreak(until: begin(plan, now)) : .cutBody
    }

    // MARK: - Ends of bodies

    mutating func followEnded(
        _ end: BodyEnd, after lasted: Duration, _ recycles: Bool, _ now: ContinuousClock.Instant
    ) -> FollowerAction {
        note(end)
        if lasted >= settings.provenAfter { backoff.reset() }
        if let loss = removed(end) { return loss }
        if end.kind == .heldBack { return retry(because: nil, now) }
        if case .failed(let text) = end.text { return retry(because: text, now) }
        if recycles || hasEnded { return proceed() }
        state = .checking(nil)
        return .askStatus
    }

    mutating func drainEnded(_ end: BodyEnd, _ now: ContinuousClock.Instant) -> FollowerAction {
        let before = lastEnd
        note(end)
        if let loss = removed(end) { return loss }
        let isGood = end.kind == .clean && end.isProven && end.text == nil
        if isGood, end.fresh == 0, let before, before.heldBack == end.heldBack {
            return complete(end)
        }
        // In a row: a read that brought the last line shows that it is still there, and an empty one
        // beside it that bodies are cut and end cleanly on their way.
        let isSilent = end.kind == .clean && end.isSilent && end.text == nil
        silentReads = isSilent ? silentReads + 1 : 0
        if isGood || end.fresh > 0 { return proceed() }
        if end.kind == .heldBack { return retry(because: nil, now) }
        // Rotated, and nothing written since: no other read will tell more.
        if silentReads >= settings.silentReads {
            return lose("the log was rotated past the last line that was read")
        }
        if case .failed(let text) = end.text { return retry(because: text, now) }
        return retry(because: "no read could be compared with what is stored", now)
    }

    /// Keeps what the next read is compared with. After a cut or an unproven body that is nothing.
    private mutating func note(_ end: BodyEnd) {
        if end.fresh > 0 { hasLines = true }
        guard end.kind == .clean, end.text == nil else {
            lastEnd = nil
            return
        }
        lastEnd = end.isProven ? end : nil
        if end.isProven { failingSince = nil }
    }

    private mutating func removed(_ end: BodyEnd) -> FollowerAction? {
        guard end.text == .logRemoved else { return nil }
        return lose("the container runtime has removed the log")
    }
}
