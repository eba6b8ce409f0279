import Testing

@testable import Capture

/// A body that does not contain the last stored line: rotated, or another instance's.
@Suite struct BrokenBodyTests {
    typealias Machine = FollowerMachineTests

    static let start = Machine.start
    static let lag = FollowerSettings().statusLag

    /// A machine whose follow has just turned out to be broken, of a Pod that was there then.
    static func broken(_ answer: FollowerEvent = .status(.running)) -> FollowerMachine {
        var machine = Machine.streaming()
        #expect(machine.handle(.bodyBroken, now: start) == .askStatus)
        #expect(machine.handle(answer, now: start) == .wait(until: start + lag))
        return machine
    }

    /// Expects that the body is cut, and that the stream ends with a gap record.
    static func expectRefusal(of machine: inout FollowerMachine, at now: ContinuousClock.Instant) {
        #expect(machine.handle(.nameTaken, now: now) == .cutBody)
        guard
            case .finish(_, gap: .some, withHeldBack: true) = machine.handle(
                .bodyEnded(BodyEnd(kind: .cut)), now: now)
        else {
            Issue.record("the stream ends with a gap record")
            return
        }
    }

    @Test("nothing is taken before the status had time to settle, and was asked")
    func waits() {
        var machine = Self.broken()
        #expect(machine.state == .verifying(.following, isOurPod: true))
        #expect(machine.handle(.timer, now: Self.start + Self.lag) == .askStatus)
    }

    @Test(
        "still our instance: a gap record, then what the body brings",
        arguments: [InstanceState.running, .terminated(Machine.end)])
    func accepted(instance: InstanceState) {
        var machine = Self.broken()
        _ = machine.handle(.timer, now: Self.start + Self.lag)
        let action = machine.handle(.status(instance), now: Self.start + Self.lag)
        guard case .acceptBreak = action, case .streaming = machine.state else {
            Issue.record("the body is read on")
            return
        }
        // Its end is handled like any other.
        let next = machine.handle(Machine.clean(fresh: 3), now: Self.start + .seconds(2))
        #expect(next == (instance == .running ? .askStatus : .open(Machine.last)))
    }

    @Test(
        "another instance's: cut, and ours is read where it is now",
        arguments: [
            (InstanceState.replaced(Machine.end), FollowerAction.open(Machine.previous)),
            (.outOfReach(Machine.end), nil),
        ] as [(InstanceState, FollowerAction?)])
    func refused(instance: InstanceState, next: FollowerAction?) {
        var machine = Self.broken()
        _ = machine.handle(.timer, now: Self.start + Self.lag)
        #expect(machine.handle(.status(instance), now: Self.start + Self.lag) == .cutBody)
        let action = machine.handle(
            .bodyEnded(BodyEnd(kind: .cut)), now: Self.start + Self.lag)
        if let next {
            #expect(action == next)
        } else if case .finish(_, gap: .some, withHeldBack: true) = action {
        } else {
            Issue.record("a gap record is due, not \(String(describing: action))")
        }
    }

    @Test("a Pod that is gone meanwhile: the body is its last instance's, and is taken")
    func goneMeanwhile() {
        var machine = Self.broken()
        _ = machine.handle(.changed(.terminated(Machine.end)), now: Self.start)
        _ = machine.handle(.changed(.gone), now: Self.start)
        #expect(machine.handle(.timer, now: Self.start + Self.lag) == .askStatus)
        guard case .acceptBreak = machine.handle(.status(.gone), now: Self.start + Self.lag) else {
            Issue.record("the body is taken")
            return
        }
        guard
            case .finish(Machine.end, gap: .some, withHeldBack: true) =
                machine.handle(Machine.clean(fresh: 215), now: Self.start + .seconds(2))
        else {
            Issue.record("then the stream ends, unconfirmed")
            return
        }
    }

    @Test("a restart that is told behind the answer that the Pod is gone: the body is not ours")
    func restartToldLate() {
        var machine = Self.broken(.status(.gone))
        #expect(machine.handle(.changed(.replaced(Machine.end)), now: Self.start) == nil)
        #expect(machine.handle(.changed(.gone), now: Self.start) == nil)
        #expect(machine.handle(.timer, now: Self.start + Self.lag) == .askStatus)
        #expect(machine.handle(.status(.gone), now: Self.start + Self.lag) == .cutBody)
        guard
            case .finish(Machine.end, gap: .some, withHeldBack: true) = machine.handle(
                .bodyEnded(BodyEnd(kind: .cut)), now: Self.start + Self.lag)
        else {
            Issue.record("the stream ends with a gap record")
            return
        }
    }

    @Test("the status has had its time from when the body broke, however late the first answer is")
    func lateAnswer() {
        var machine = Machine.streaming()
        _ = machine.handle(.bodyBroken, now: Self.start)
        let late = Self.start + Self.lag
        #expect(machine.handle(.status(.running), now: late) == .askStatus)
        guard case .acceptBreak = machine.handle(.status(.running), now: late) else {
            Issue.record("the body is taken")
            return
        }
    }

    @Test("another Pod of that name: the body is not taken for ours")
    func nameTaken() {
        var machine = Machine.streaming()
        #expect(machine.handle(.bodyBroken, now: Self.start) == .askStatus)
        Self.expectRefusal(of: &machine, at: Self.start)
    }

    @Test("a name that nobody knew to be ours, and is another Pod's: the same")
    func nameTakenUnasked() {
        var machine = Self.broken(.requestFailed("no connection", retryAfter: nil))
        #expect(machine.handle(.timer, now: Self.start + Self.lag) == .askStatus)
        Self.expectRefusal(of: &machine, at: Self.start + Self.lag)
    }

    @Test("a name that was ours when the body was there, and is taken since: the body is ours")
    func nameTakenMeanwhile() {
        var machine = Self.broken()
        #expect(machine.handle(.timer, now: Self.start + Self.lag) == .askStatus)
        guard case .acceptBreak = machine.handle(.nameTaken, now: Self.start + Self.lag) else {
            Issue.record("the body is taken")
            return
        }
        guard
            case .finish(_, gap: .some, withHeldBack: true) =
                machine.handle(Machine.clean(fresh: 88), now: Self.start + .seconds(2))
        else {
            Issue.record("then the stream ends, unconfirmed")
            return
        }
    }

    @Test("news that come while the body waits count")
    func newsMeanwhile() {
        var machine = Self.broken()
        #expect(machine.handle(.changed(.replaced(Machine.end)), now: Self.start) == nil)
        #expect(machine.handle(.timer, now: Self.start + Self.lag) == .askStatus)
        // The answer is older than what the watch has said.
        #expect(machine.handle(.status(.running), now: Self.start + Self.lag) == .cutBody)
    }

    @Test("a status that cannot be had: the body is given up, and asked for again")
    func unanswered() {
        var machine = Self.broken()
        _ = machine.handle(.timer, now: Self.start + Self.lag)
        let action = machine.handle(
            .requestFailed("no connection", retryAfter: nil), now: Self.start)
        #expect(Machine.isWait(action, upTo: .milliseconds(500)))
        #expect(machine.handle(.timer, now: Self.start) == .open(.following))
    }

    @Test("a last read is verified as well")
    func lastRead() {
        var machine = Machine.machine(.terminated(Machine.end))
        _ = machine.start()
        _ = machine.handle(.answered(.body), now: Self.start)
        #expect(machine.handle(.bodyBroken, now: Self.start) == .askStatus)
        #expect(
            machine.handle(.status(.terminated(Machine.end)), now: Self.start)
                == .wait(until: Self.start + Self.lag))
        #expect(machine.handle(.timer, now: Self.start + Self.lag) == .askStatus)
        guard
            case .acceptBreak = machine.handle(
                .status(.terminated(Machine.end)), now: Self.start + Self.lag)
        else {
            Issue.record("the body is read on")
            return
        }
        // Then two reads must end at the same place, as always.
        #expect(machine.handle(Machine.clean(fresh: 2), now: Self.start) == .open(Machine.last))
        _ = machine.handle(.answered(.body), now: Self.start)
        #expect(machine.handle(Machine.clean(), now: Self.start) == Machine.finished)
    }

    @Test("an end whose log cannot be read is given up after a time, with a gap record")
    func unreachableKubelet() {
        var machine = Machine.machine(.terminated(Machine.end))
        #expect(machine.start() == .open(Machine.last))
        let longest = FollowerSettings().giveUpAfter
        var now = Self.start
        while now < Self.start + longest {
            guard case .wait(let until?) = machine.handle(.answered(.failed("500")), now: now)
            else {
                Issue.record("asked again until then")
                return
            }
            now = until
            #expect(machine.handle(.timer, now: now) == .open(Machine.last))
        }
        guard
            case .finish(Machine.end, gap: let loss?, withHeldBack: true) =
                machine.handle(.answered(.failed("500")), now: now)
        else {
            Issue.record("a gap record is due")
            return
        }
        #expect(loss.reason.contains("500"))
    }

    @Test("a node that answers again wakes who waits for it, and nobody else")
    func nodeAnswers() {
        var failed = Machine.machine()
        _ = failed.start()
        _ = failed.handle(.answered(.failed("500 connection refused")), now: Self.start)
        #expect(failed.isWaitingForNode)
        #expect(failed.handle(.nodeAnswered, now: Self.start) == .open(.following))

        var other = Machine.streaming()
        _ = other.handle(Machine.clean(fresh: 1), now: Self.start)
        _ = other.handle(.status(.running), now: Self.start)
        #expect(!other.isWaitingForNode)
        #expect(other.handle(.nodeAnswered, now: Self.start) == nil)
    }

    @Test("an empty newest file after the end: three reads tell all that can be told")
    func emptyNewestFile() {
        var machine = Machine.machine(.terminated(Machine.end))
        var action: FollowerAction? = machine.start()
        let silent = BodyEnd(kind: .clean, isProven: false, isSilent: true)
        for _ in 1..<FollowerSettings().silentReads {
            #expect(action == .open(Machine.last))
            _ = machine.handle(.answered(.body), now: Self.start)
            action = machine.handle(.bodyEnded(silent), now: Self.start)
            #expect(Machine.isWait(action, upTo: .seconds(2)))
            action = machine.handle(.timer, now: Self.start)
        }
        _ = machine.handle(.answered(.body), now: Self.start)
        guard
            case .finish(Machine.end, gap: let loss?, withHeldBack: true) =
                machine.handle(.bodyEnded(silent), now: Self.start)
        else {
            Issue.record("a gap record is due")
            return
        }
        #expect(loss.reason.contains("rotated"))
    }

    @Test("silence is watched from what is stored, not from what this daemon has read")
    func silenceAfterRestart() {
        var machine = FollowerMachine(
            instance: .running, storedBytes: Int64(SilenceWatch.floorBytes),
            settings: FollowerSettings(), seed: 1)
        _ = machine.start()
        #expect(
            machine.handle(.answered(.body), now: Self.start)
                == .read(until: Self.start + SilenceWatch.shortest))
    }

    @Test("an empty read among others is no empty file: the kubelet may just have gone down")
    func oneEmptyRead() {
        var machine = Machine.machine(.terminated(Machine.end))
        _ = machine.start()
        let silent = BodyEnd(kind: .clean, isProven: false, isSilent: true)
        let unproven = BodyEnd(kind: .clean, isProven: false)
        for end in [unproven, silent, silent, unproven, silent, silent] {
            _ = machine.handle(.answered(.body), now: Self.start)
            let action = machine.handle(.bodyEnded(end), now: Self.start)
            #expect(Machine.isWait(action, upTo: .seconds(30)))
            #expect(machine.handle(.timer, now: Self.start) == .open(Machine.last))
        }
    }

    @Test("error text behind the lines of a last read: the read confirms nothing")
    func errorTextInLastRead() {
        var machine = Machine.machine(.terminated(Machine.end))
        _ = machine.start()
        _ = machine.handle(.answered(.body), now: Self.start)
        #expect(machine.handle(Machine.clean(fresh: 3), now: Self.start) == .open(Machine.last))
        _ = machine.handle(.answered(.body), now: Self.start)
        let failed = BodyEnd(kind: .clean, text: .failed("failed to create fsnotify watcher"))
        let action = machine.handle(.bodyEnded(failed), now: Self.start)
        #expect(Machine.isWait(action, upTo: .seconds(1)))
        #expect(machine.handle(.timer, now: Self.start) == .open(Machine.last))
    }
}
