import Testing

@testable import Capture

@Suite struct FollowerMachineTests {
    static let start = ContinuousClock.now
    static let follow = LogPlan(follow: true, previous: false)
    static let last = LogPlan(follow: false, previous: false)
    static let previous = LogPlan(follow: false, previous: true)
    static let end = InstanceState.End(exitCode: 0, reason: "Completed")

    static func machine(_ instance: InstanceState = .running, hasLines: Bool = true)
        -> FollowerMachine
    {
        FollowerMachine(
            instance: instance, storedBytes: hasLines ? 100 : 0, settings: FollowerSettings(),
            seed: 1)
    }

    static func clean(fresh: Int = 0, heldBack: Int = 0, isProven: Bool = true) -> FollowerEvent {
        .bodyEnded(BodyEnd(kind: .clean, fresh: fresh, isProven: isProven, heldBack: heldBack))
    }

    static let finished = FollowerAction.finish(end, gap: nil, withHeldBack: false)

    /// Drives a machine that follows into its body.
    static func streaming() -> FollowerMachine {
        var machine = machine()
        #expect(machine.start() == .open(follow))
        guard case .read = machine.handle(.answered(.body), now: start) else {
            Issue.record("a body is read")
            return machine
        }
        return machine
    }

    static func isWait(_ action: FollowerAction?, upTo longest: Duration, atLeast: Duration = .zero)
        -> Bool
    {
        guard case .wait(let deadline?) = action else { return false }
        return deadline >= start + atLeast && deadline <= start + longest
    }

    @Test(
        "the first request is the one that the instance calls for",
        arguments: [
            (InstanceState.waiting, FollowerAction.wait(until: nil)), (.running, .open(follow)),
            (.terminated(end), .open(last)), (.replaced(end), .open(previous)),
        ])
    func firstRequest(instance: InstanceState, action: FollowerAction) {
        var machine = Self.machine(instance)
        #expect(machine.start() == action)
    }

    @Test("clean end in mid-run: the status is asked, and the stream resumed")
    func cleanEndInMidRun() {
        var machine = Self.streaming()
        #expect(machine.handle(Self.clean(fresh: 5), now: Self.start) == .askStatus)
        #expect(
            Self.isWait(
                machine.handle(.status(.running), now: Self.start), upTo: .milliseconds(500)))
        #expect(machine.handle(.timer, now: Self.start) == .open(Self.follow))
    }

    @Test("the 4-hour cut: a stream is recycled on our clock before it")
    func recycling() {
        var machine = Self.machine()
        _ = machine.start()
        guard case .read(let deadline) = machine.handle(.answered(.body), now: Self.start) else {
            Issue.record("a body is read")
            return
        }
        #expect((Self.start + .seconds(2700)...Self.start + .seconds(3600)).contains(deadline))
        #expect(machine.handle(.timer, now: deadline) == .cutBody)
        #expect(
            machine.handle(.bodyEnded(BodyEnd(kind: .cut)), now: deadline) == .open(Self.follow))
    }

    @Test(
        "answers that pass are waited for",
        arguments: [
            LogAnswer.unknownToKubelet, .failed("500"), .notStarted("x is waiting to start"),
            .refused("container x is not valid for pod p"), .nothingKept("not found"),
        ])
    func passingAnswers(answer: LogAnswer) {
        var machine = Self.machine()
        #expect(machine.start() == .open(Self.follow))
        #expect(
            Self.isWait(
                machine.handle(.answered(answer), now: Self.start), upTo: .milliseconds(500)))
        #expect(machine.handle(.timer, now: Self.start) == .open(Self.follow))
    }

    @Test("bad requests do not end the log of a container that runs, nor soon that of an ended one")
    func badRequests() {
        var running = Self.machine()
        var ended = Self.machine(.terminated(Self.end))
        let answer = FollowerEvent.answered(.refused("400 Bad Request"))
        #expect(running.start() == .open(Self.follow))
        #expect(ended.start() == .open(Self.last))
        for _ in 0..<20 {
            #expect(Self.isWait(running.handle(answer, now: Self.start), upTo: .seconds(30)))
            #expect(Self.isWait(ended.handle(answer, now: Self.start), upTo: .seconds(30)))
            #expect(running.handle(.timer, now: Self.start) == .open(Self.follow))
            #expect(ended.handle(.timer, now: Self.start) == .open(Self.last))
        }
        guard
            case .finish(Self.end, gap: .some, withHeldBack: true) = ended.handle(
                answer, now: Self.start + FollowerSettings().giveUpAfter)
        else {
            Issue.record("a gap record is due")
            return
        }
    }

    @Test("the wait after failures doubles up to its limit")
    func backoff() {
        var machine = Self.machine()
        _ = machine.start()
        var longest = Duration.zero
        for _ in 0..<12 {
            guard
                case .wait(let until?) = machine.handle(.answered(.failed("500")), now: Self.start)
            else {
                Issue.record("a wait is due")
                return
            }
            longest = max(longest, until - Self.start)
            _ = machine.handle(.timer, now: Self.start)
        }
        #expect(longest >= .seconds(15) && longest <= .seconds(30))
    }

    @Test("Retry-After is honoured, also when the watch brings news")
    func retryAfter() {
        var machine = Self.machine()
        _ = machine.start()
        let action = machine.handle(.answered(.busy(after: .seconds(9))), now: Self.start)
        #expect(Self.isWait(action, upTo: .seconds(10), atLeast: .seconds(9)))
        #expect(machine.handle(.changed(.terminated(Self.end)), now: Self.start) == nil)
        #expect(machine.handle(.timer, now: Self.start) == .open(Self.last))
    }

    @Test("a back-off is cut short when the container ends: its log may vanish")
    func endDuringBackoff() {
        var machine = Self.machine()
        _ = machine.start()
        _ = machine.handle(.answered(.failed("500")), now: Self.start)
        #expect(
            machine.handle(.changed(.terminated(Self.end)), now: Self.start) == .open(Self.last))
    }

    @Test("a container that waits costs no request")
    func waiting() {
        var machine = Self.machine(.waiting, hasLines: false)
        #expect(machine.start() == .wait(until: nil))
        #expect(machine.handle(.changed(.waiting), now: Self.start) == nil)
        #expect(machine.handle(.changed(.running), now: Self.start) == .open(Self.follow))
    }

    @Test(
        "what is final ends with a gap record",
        arguments: [LogAnswer.podGone, .nodeGone("nodes \"n\" not found")])
    func finalAnswers(answer: LogAnswer) {
        var machine = Self.machine()
        _ = machine.start()
        guard
            case .finish(_, gap: .some, withHeldBack: true) = machine.handle(
                .answered(answer), now: Self.start)
        else {
            Issue.record("a gap record is due")
            return
        }
    }

    @Test("a Pod that is gone before its container started leaves no gap")
    func neverStarted() {
        var machine = Self.machine(.waiting, hasLines: false)
        _ = machine.start()
        #expect(
            machine.handle(.changed(.gone), now: Self.start)
                == .finish(InstanceState.End(), gap: nil, withHeldBack: false))
    }

    @Test("a Pod that is gone after one last read: nobody can confirm it, a gap record says so")
    func goneAfterDrain() {
        var machine = Self.machine(.terminated(Self.end))
        _ = machine.start()
        _ = machine.handle(.answered(.body), now: Self.start)
        #expect(machine.handle(Self.clean(fresh: 3), now: Self.start) == .open(Self.last))
        guard
            case .finish(Self.end, gap: .some, withHeldBack: true) = machine.handle(
                .answered(.podGone), now: Self.start)
        else {
            Issue.record("a gap record is due")
            return
        }
    }

    @Test("200 with error text: the runtime has removed the log")
    func logRemoved() {
        var machine = Self.machine(.terminated(Self.end))
        _ = machine.start()
        _ = machine.handle(.answered(.body), now: Self.start)
        let body = BodyEnd(kind: .clean, text: .logRemoved)
        guard
            case .finish(Self.end, gap: .some, withHeldBack: true) =
                machine.handle(.bodyEnded(body), now: Self.start)
        else {
            Issue.record("a gap record is due")
            return
        }
    }

    @Test("200 with error text of the node: asked again after a wait")
    func inotifyExhausted() {
        var machine = Self.streaming()
        let body = BodyEnd(
            kind: .clean, fresh: 1, text: .failed("failed to create fsnotify watcher"))
        #expect(
            Self.isWait(machine.handle(.bodyEnded(body), now: Self.start), upTo: .milliseconds(500))
        )
        #expect(machine.handle(.timer, now: Self.start) == .open(Self.follow))
    }

    @Test("container restarts between status and request: the body is not taken for ours")
    func restartBeforeBody() {
        var machine = Self.machine(.running, hasLines: false)
        #expect(machine.start() == .open(Self.follow))
        #expect(machine.handle(.answered(.body), now: Self.start) == .askStatus)
        #expect(
            machine.handle(.status(.replaced(Self.end)), now: Self.start) == .open(Self.previous))
        #expect(machine.handle(.answered(.body), now: Self.start) == .askStatus)
        guard case .read = machine.handle(.status(.replaced(Self.end)), now: Self.start) else {
            Issue.record("the earlier instance's log is read")
            return
        }
    }

    @Test("Pod re-created under the same name: the new one's log is not taken for ours")
    func recreated() {
        var machine = Self.machine(.running, hasLines: false)
        _ = machine.start()
        #expect(machine.handle(.answered(.body), now: Self.start) == .askStatus)
        guard
            case .finish(_, gap: .some, withHeldBack: true) = machine.handle(
                .nameTaken, now: Self.start)
        else {
            Issue.record("a gap record is due")
            return
        }
    }

    @Test("a Pod that is gone as its log comes: the log is its own, and taken")
    func goneWithBody() {
        var machine = Self.machine(.terminated(Self.end), hasLines: false)
        _ = machine.start()
        #expect(machine.handle(.answered(.body), now: Self.start) == .askStatus)
        guard case .read = machine.handle(.status(.gone), now: Self.start) else {
            Issue.record("the body is read")
            return
        }
        // One read proves no end: the server may have cut it short.
        guard
            case .finish(Self.end, gap: .some, withHeldBack: true) = machine.handle(
                Self.clean(fresh: 7), now: Self.start)
        else {
            Issue.record("a gap record is due")
            return
        }
    }

    @Test("an instance never goes back to an older view of it")
    func neverBack() {
        var machine = Self.streaming()
        #expect(
            machine.handle(.changed(.terminated(Self.end)), now: Self.start)
                == .read(until: Self.start + .milliseconds(200)))
        #expect(machine.handle(.changed(.running), now: Self.start) == nil)
        let quiet = Self.start + .milliseconds(200)
        #expect(machine.handle(.timer, now: quiet) == .cutBody)
        #expect(machine.handle(.bodyEnded(BodyEnd(kind: .cut)), now: quiet) == .open(Self.last))
    }

    @Test("two rotations while held back: a cut by us resumes after a wait")
    func heldBackByTheStore() {
        var machine = Self.streaming()
        #expect(
            Self.isWait(
                machine.handle(.bodyEnded(BodyEnd(kind: .heldBack)), now: Self.start),
                upTo: .milliseconds(500)))
        #expect(machine.handle(.timer, now: Self.start) == .open(Self.follow))
    }

    @Test("a log is not given up while the store cannot take it, however long that is")
    func heldBackBeforeTheRequest() {
        var machine = Self.machine(.terminated(Self.end))
        #expect(machine.start() == .open(Self.last))
        var now = Self.start
        while now < Self.start + FollowerSettings().giveUpAfter * 2 {
            guard case .wait(let until?) = machine.handle(.heldBack, now: now) else {
                Issue.record("asked again when the store may be back")
                return
            }
            now = until
            #expect(machine.handle(.timer, now: now) == .open(Self.last))
        }
    }

    @Test("nothing follows the end")
    func nothingAfterTheEnd() {
        var machine = Self.machine(.gone)
        _ = machine.start()
        #expect(machine.state == .lost)
        for event in [
            FollowerEvent.timer, .changed(.running), .status(.running), .answered(.body),
            Self.clean(),
        ] {
            #expect(machine.handle(event, now: Self.start) == nil)
        }
    }
}
