import LogModel

@testable import Capture

// How a follow goes on behind what is stored.
extension FuzzTarget {
    /// Stored lines and a replay, one byte a line and 0xFF between the two.
    static let resume = FuzzTarget(
        name: "resume",
        promise: "the first new line is the one that a comparison of everything finds"
    ) { bytes in
        let sides = bytes.split(
            separator: 0xFF, maxSplits: 1, omittingEmptySubsequences: false
        ).map { $0.map { $0 & 0x0F } }
        guard sides.count == 2, bytes.count <= 2_000 else { return }
        let expected = outcome(stored: sides[0], replay: sides[1])
        for round in 0..<2 {
            var dice = Dice(bytes, round: UInt64(round))
            let found = match(stored: sides[0], replay: sides[1], &dice)
            claim(found == expected, "\(sides): \(found), not \(expected)")
        }
    }

    /// Events of a follower, two bytes each.
    static let follower = FuzzTarget(
        name: "follower",
        promise: "whatever happens, it ends once, waits for something, and asks in order"
    ) { bytes in
        var input = bytes[...]
        let first = state(input.popFirst() ?? 0)
        var machine = FollowerMachine(
            instance: first, storedBytes: Int64(input.popFirst() ?? 0) << 10,
            settings: FollowerSettings(), seed: 1)
        var now = ContinuousClock.now
        var action = machine.start()
        while let kind = input.popFirst(), let detail = input.popFirst() {
            now += .milliseconds(Int(detail) * Int(detail))
            if case .finish = action {
                let more = machine.handle(.changed(state(detail)), now: now)
                claim(more == nil, "an action behind the end: \(more.debugDescription)")
                claim(machine.state == .ended || machine.state == .lost, "\(machine.state)")
                return
            }
            guard let event = event(kind, detail, answering: action) else { continue }
            if let next = machine.handle(event, now: now) {
                check(next, now)
                action = next
            }
        }
    }
}

/// The outcome of a match in comparable form.
private enum MatchOutcome: Equatable {
    case continues([UInt8])
    case broken([UInt8])
    case unfinished
    case silent
}

private func match(stored: [UInt8], replay: [UInt8], _ dice: inout Dice) -> MatchOutcome {
    var matcher = OverlapMatcher(since: nil)
    var (stored, replay) = (stored[...], replay[...])
    for _ in 0..<(stored.count + replay.count + 4) {
        switch matcher.step() {
        case .needsExpected:
            if let batch = batch(&stored, &dice) {
                matcher.add(expected: batch)
            } else {
                matcher.endExpected()
            }
        case .needsReplay:
            if let batch = batch(&replay, &dice) {
                matcher.add(replay: batch)
            } else {
                matcher.endReplay()
            }
        case .settled(let result):
            let fresh =
                result.fresh.flatMap { batch in
                    (0..<batch.count).map { batch.line($0)[0] }
                } + replay
            return switch result {
            case .continues: .continues(fresh)
            case .broken: .broken(fresh)
            case .unfinished: .unfinished
            case .silent: .silent
            }
        }
    }
    claim(false, "the matcher does not settle")
    return .silent
}

/// The next one to four lines: letters whose lowest bit is the time too.
private func batch(_ lines: inout ArraySlice<UInt8>, _ dice: inout Dice) -> LineBatch? {
    var builder = LineBatchBuilder()
    for byte in lines.prefix(1 + dice.roll(4)) {
        withUnsafeBytes(of: byte) { builder.add($0, time: Int64(byte & 1)) }
    }
    lines = lines.dropFirst(builder.count)
    return builder.take()
}

/// The same by comparing everything with everything.
private func outcome(stored: [UInt8], replay: [UInt8]) -> MatchOutcome {
    if replay.isEmpty { return .silent }
    if stored.isEmpty { return .continues(replay) }
    if replay.count < stored.count {
        for start in 0..<(stored.count - replay.count)
        where stored[start..<(start + replay.count)].elementsEqual(replay) { return .unfinished }
    }
    let most = min(stored.count, replay.count)
    for count in stride(from: most, to: 0, by: -1)
    where stored.suffix(count).elementsEqual(replay.prefix(count)) {
        return .continues(Array(replay.dropFirst(count)))
    }
    return .broken(replay)
}

private func state(_ byte: UInt8) -> InstanceState {
    let end = InstanceState.End(exitCode: Int(byte >> 4), reason: nil)
    return switch byte & 7 {
    case 0, 1: .waiting
    case 2, 3: .running
    case 4: .terminated(end)
    case 5: .replaced(end)
    case 6: .outOfReach(end)
    default: .gone
    }
}

/// An event that may come while `action` is carried out; `nil` where `kind` is none that can.
private func event(
    _ kind: UInt8, _ detail: UInt8, answering action: FollowerAction
) -> FollowerEvent? {
    if kind & 7 == 0 { return .changed(state(detail)) }
    let wait: Duration? = detail & 1 == 0 ? nil : .seconds(Int(detail))
    switch action {
    case .open:
        let answers: [LogAnswer] = [
            .body, .body, .notStarted("n"), .nothingKept("n"), .refused("r"), .forbidden("f"),
            .podGone, .unknownToKubelet, .nodeGone("g"), .busy(after: .seconds(Int(detail))),
            .failed("500"),
        ]
        if kind & 7 == 1 { return .requestFailed("no connection", retryAfter: wait) }
        if kind & 7 == 2 { return .heldBack }
        return .answered(answers[Int(detail) % answers.count])
    case .askStatus:
        if kind & 7 == 1 { return .requestFailed("no connection", retryAfter: wait) }
        if kind & 7 == 2 { return .nameTaken }
        if kind & 7 == 3 { return .bodyEnded(end(detail)) }
        return .status(state(detail))
    case .read, .acceptBreak:
        if kind & 7 == 1 { return .timer }
        if kind & 7 == 2 { return .bodyBroken }
        return .bodyEnded(end(detail))
    case .cutBody: return .bodyEnded(end(detail))
    case .wait(let until):
        if kind & 7 == 1 { return .nodeAnswered }
        return until == nil ? nil : .timer
    case .finish: return nil
    }
}

private func end(_ byte: UInt8) -> BodyEnd {
    var end = BodyEnd(kind: [.clean, .clean, .cut, .heldBack][Int(byte & 3)])
    end.fresh = byte & 4 == 0 ? 0 : Int(byte)
    end.isProven = byte & 8 == 0
    end.isSilent = byte & 16 != 0
    end.heldBack = Int(byte >> 5) & 1
    if byte >= 0xE0 { end.text = byte & 1 == 0 ? .logRemoved : .failed("short of something") }
    return end
}

private func check(_ action: FollowerAction, _ now: ContinuousClock.Instant) {
    switch action {
    case .wait(let until?):
        claim(until >= now, "a wait that is over")
        claim(until - now < .seconds(7_200), "a wait of \(until - now)")
    case .read(let until), .acceptBreak(let until):
        claim(until - now < .seconds(7_200), "a read of \(until - now)")
    case .open, .askStatus, .cutBody, .wait(nil), .finish: break
    }
}
