import LogModel
import SimulatedCluster
import Synchronization
import Testing

struct TimerQueueTests {
    @Test func `entries fire in the order of their times, then of their coming`() {
        let queue = TimerQueue()
        let fired = Mutex<[Int]>([])
        var random = SeededRandom(seed: 3)
        var expected: [(Int64, Int)] = []
        for index in 0..<500 {
            let time = Int64(random.next() % 50)
            expected.append((time, index))
            queue.schedule(at: LogTime(nanoseconds: time)) { fired.withLock { $0.append(index) } }
        }
        #expect(queue.fire(upTo: LogTime(nanoseconds: 24))?.nanoseconds == 25)
        queue.fire(upTo: LogTime(nanoseconds: 50))
        #expect(fired.withLock { $0 } == expected.sorted { $0 < $1 }.map(\.1))
        #expect(queue.count == 0)
    }

    @Test func `the thread fires what is due and can be stopped`() async {
        let queue = TimerQueue()
        let thread = TimerThread(queue: queue)
        thread.start()
        let clock = SystemClock()
        await withCheckedContinuation { continuation in
            queue.schedule(at: clock.now + .milliseconds(20)) { continuation.resume() }
        }
        await withCheckedContinuation { continuation in
            queue.schedule(at: clock.now + .seconds(3_600)) {}
            queue.schedule(at: clock.now) { continuation.resume() }
        }
        thread.stop()
        #expect(queue.count == 1)
    }
}
