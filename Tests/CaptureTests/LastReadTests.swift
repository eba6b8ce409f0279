import Testing

@testable import Capture

/// The last reads of a log, after its instance has ended: when it is complete, and when nobody can tell.
@Suite struct LastReadTests {
    typealias Machine = FollowerMachineTests

    @Test("a terminated instance is drained until two reads end at the same place")
    func drain() {
        var machine = Machine.streaming()
        #expect(machine.handle(Machine.clean(fresh: 5), now: Machine.start) == .askStatus)
        #expect(
            machine.handle(.status(.terminated(Machine.end)), now: Machine.start)
                == .open(Machine.last))
        _ = machine.handle(.answered(.body), now: Machine.start)
        // The last read brings more (rotation just before the exit): it is confirmed by another.
        #expect(
            machine.handle(Machine.clean(fresh: 20_000), now: Machine.start) == .open(Machine.last))
        _ = machine.handle(.answered(.body), now: Machine.start)
        #expect(machine.handle(Machine.clean(), now: Machine.start) == Machine.finished)
        #expect(machine.state == .ended)
    }

    @Test("after a cut the first last read proves nothing by itself")
    func cutThenDrain() {
        var machine = Machine.streaming()
        #expect(machine.handle(.bodyEnded(BodyEnd(kind: .cut)), now: Machine.start) == .askStatus)
        #expect(
            machine.handle(.status(.terminated(Machine.end)), now: Machine.start)
                == .open(Machine.last))
        _ = machine.handle(.answered(.body), now: Machine.start)
        #expect(machine.handle(Machine.clean(), now: Machine.start) == .open(Machine.last))
        _ = machine.handle(.answered(.body), now: Machine.start)
        #expect(machine.handle(Machine.clean(), now: Machine.start) == Machine.finished)
    }

    @Test("no newline at the end: the line counts when two reads hold it back")
    func heldBackLine() {
        var machine = Machine.streaming()
        _ = machine.handle(Machine.clean(heldBack: 7), now: Machine.start)
        _ = machine.handle(.status(.terminated(Machine.end)), now: Machine.start)
        _ = machine.handle(.answered(.body), now: Machine.start)
        #expect(
            machine.handle(Machine.clean(heldBack: 8), now: Machine.start) == .open(Machine.last))
        _ = machine.handle(.answered(.body), now: Machine.start)
        #expect(
            machine.handle(Machine.clean(heldBack: 8), now: Machine.start)
                == .finish(Machine.end, gap: nil, withHeldBack: true))
    }

    @Test("empty last reads mean a rotation only in a row")
    func emptyReadsBesideWholeOnes() {
        var machine = Machine.machine(.terminated(Machine.end))
        #expect(machine.start() == .open(Machine.last))
        var now = Machine.start
        for _ in 0..<FollowerSettings().silentReads {
            _ = machine.handle(.answered(.body), now: now)
            let silent = BodyEnd(kind: .clean, isProven: false, isSilent: true)
            guard case .wait(let until?) = machine.handle(.bodyEnded(silent), now: now) else {
                Issue.record("asked again")
                return
            }
            now = until
            #expect(machine.handle(.timer, now: now) == .open(Machine.last))
            _ = machine.handle(.answered(.body), now: now)
            #expect(machine.handle(Machine.clean(), now: now) == .open(Machine.last))
        }
        _ = machine.handle(.answered(.body), now: now)
        #expect(machine.handle(Machine.clean(), now: now) == Machine.finished)
    }

    @Test("an end that was told stays known when the status does not reach back to it any more")
    func knownEnd() {
        var machine = Machine.machine(.terminated(Machine.end))
        #expect(machine.start() == .open(Machine.last))
        _ = machine.handle(.answered(.failed("500")), now: Machine.start)
        guard
            case .finish(Machine.end, gap: .some, withHeldBack: true) = machine.handle(
                .changed(.outOfReach(.init())), now: Machine.start)
        else {
            Issue.record("the stream ends with what is known")
            return
        }
    }

    @Test("last reads that prove nothing end in a gap record, after some time")
    func unprovenDrain() {
        var machine = Machine.machine(.terminated(Machine.end))
        var action: FollowerAction? = machine.start()
        var now = Machine.start
        while now < Machine.start + FollowerSettings().giveUpAfter {
            #expect(action == .open(Machine.last))
            _ = machine.handle(.answered(.body), now: now)
            guard case .wait(let until?) = machine.handle(Machine.clean(isProven: false), now: now)
            else {
                Issue.record("asked again until then")
                return
            }
            #expect(until > now && until <= now + .seconds(30))
            now = until
            action = machine.handle(.timer, now: now)
        }
        _ = machine.handle(.answered(.body), now: now)
        guard
            case .finish(Machine.end, gap: .some, withHeldBack: true) =
                machine.handle(Machine.clean(isProven: false), now: now)
        else {
            Issue.record("a gap record is due")
            return
        }
        #expect(machine.state == .lost)
    }
}
