import Testing

@testable import Capture

@Suite("Silent bodies")
struct SilenceWatchTests {
    private let start = ContinuousClock.now

    @Test("of a log that is too short to have been rotated are never given up")
    func shortLog() {
        var watch = SilenceWatch()
        watch.opened(at: start)
        watch.arrived(bytes: SilenceWatch.floorBytes - 1, at: start)
        #expect(watch.deadline == nil)
        watch.arrived(bytes: 1, at: start + .seconds(1))
        #expect(watch.deadline == start + .seconds(4))
    }

    @Test("are given up ever more rarely, until lines come again")
    func patience() {
        var watch = SilenceWatch()
        watch.arrived(bytes: SilenceWatch.floorBytes, at: start)
        for seconds in [3, 6, 12, 24, 48, 96, 192, 300, 300] {
            watch.opened(at: start)
            #expect(watch.deadline == start + .seconds(seconds))
            watch.gaveUp()
        }
        watch.arrived(bytes: 1, at: start)
        #expect(watch.deadline == start + SilenceWatch.shortest)
    }

    @Test("a follower renews a follow that has gone silent after many lines")
    func machine() {
        var machine = FollowerMachine(
            instance: .running, storedBytes: 1, settings: FollowerSettings(), seed: 1)
        _ = machine.start()
        guard case .read(let first)? = machine.handle(.answered(.body), now: start) else {
            Issue.record("the body is not read")
            return
        }
        #expect(first > start + .seconds(600))
        let isDue = machine.arrived(bytes: SilenceWatch.floorBytes, now: start)
        #expect(isDue)
        let early = machine.handle(.timer, now: start)
        #expect(early == .read(until: start + .seconds(3)))
        let late = machine.handle(.timer, now: start + .seconds(3))
        #expect(late == .cutBody)
        let next = machine.handle(
            .bodyEnded(BodyEnd(kind: .cut)), now: start + .seconds(3))
        #expect(next == .open(LogPlan(follow: true, previous: false)))
    }
}
