import LogModel
import SimulatedCluster
import Testing

struct LogScheduleTests {
    private static let start = LogTime(seconds: 1_700_000_000)

    private static func schedule(rate: Double, burst: Int, phase: Duration = .zero) -> LogSchedule {
        var script = LogScript()
        script.rate = rate
        script.burst = burst
        script.phase = phase
        return LogSchedule(start: start, script: script)
    }

    @Test(
        arguments: [(10.0, 1), (0.0, 1), (0.0, 7), (3.0, 1), (20_000.0, 20_000), (1_000_000.0, 3)])
    func `counting lines is the inverse of timing them`(rate: Double, burst: Int) {
        let schedule = Self.schedule(rate: rate, burst: burst)
        for n in [0, 1, 2, burst - 1, burst, burst + 1, 5 * burst + 3] where n >= 0 {
            let time = schedule.time(of: n)
            #expect(schedule.count(at: time) == n + 1)
            #expect(schedule.firstLine(since: time) == n)
            #expect(schedule.count(at: LogTime(nanoseconds: time.nanoseconds - 1)) == n)
        }
    }

    @Test func `nothing is written before the first line's phase is over`() {
        let schedule = Self.schedule(rate: 1, burst: 1, phase: .seconds(2))
        #expect(schedule.count(at: Self.start + .milliseconds(1_999)) == 0)
        #expect(schedule.count(at: Self.start + .seconds(2)) == 1)
    }

    @Test func `bursts keep the mean rate`() {
        let schedule = Self.schedule(rate: 10_000, burst: 20_000)
        #expect(schedule.count(at: Self.start + .milliseconds(1_900)) == 20_000)
        #expect(schedule.count(at: Self.start + .milliseconds(2_100)) == 40_000)
    }
}
