import Dispatch
import Foundation
import LogModel
import Synchronization

/// The one thread that drives a ``TimerQueue`` by the system's clock.
///
/// It sleeps at least ``granularity`` between two looks at the queue, so that twenty thousand lines
/// a second cost five hundred looks and not twenty thousand; only an entry that became the earliest
/// wakes it before. ``stop()`` returns when the thread has ended.
package final class TimerThread: Sendable {
    /// 2 ms: a line is sent at most that much after its timestamp.
    package static let granularity = Duration.milliseconds(2)
    /// How long the thread sleeps when nothing is scheduled: it is woken anyway.
    private static let idle = Duration.seconds(60)

    private let queue: TimerQueue
    private let clock: SystemClock
    private let bell = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let isStopping = Atomic(false)

    /// Makes the driver of `queue`; ``start()`` starts its thread.
    package init(queue: TimerQueue, clock: SystemClock = SystemClock()) {
        self.queue = queue
        self.clock = clock
    }

    /// Starts the thread. May be called once.
    package func start() {
        queue.notifyEarlier { [bell] in bell.signal() }
        Thread {
            Thread.current.name = "sim-timers"
            self.run()
        }.start()
    }

    /// Ends the thread and waits for that. May be called once, after ``start()``.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
        bell.signal()
        ended.wait()
    }

    private func run() {
        while !isStopping.load(ordering: .acquiring) {
            let now = clock.now
            let next = queue.fire(upTo: now) ?? now + Self.idle
            let pause = max((next - clock.now).nanoseconds, Self.granularity.nanoseconds)
            _ = bell.wait(timeout: .now() + .nanoseconds(Int(pause)))  // woken or not: look again
        }
        queue.notifyEarlier(nil)
        ended.signal()
    }
}
