package import LogModel
import Synchronization

/// Everything that happens later in a simulated cluster, in one heap.
///
/// Thousands of Pods and followers share it, so an entry is a time and a closure, not a task. Any
/// thread may schedule; whoever drives the queue (``TimerThread``, or a test with a
/// ``ManualClock``) calls ``fire(upTo:)``, which runs the closures outside the lock. An entry cannot
/// be taken back: what it wakes must check whether there is something to do.
package final class TimerQueue: Sendable {
    private struct Entry {
        let time: LogTime
        let order: UInt64
        let action: @Sendable () -> Void

        func isBefore(_ other: Entry) -> Bool {
            time == other.time ? order < other.order : time < other.time
        }
    }

    private struct State {
        var heap: [Entry] = []
        var scheduled: UInt64 = 0
        var onEarlier: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Makes an empty queue.
    package init() {}

    /// The number of entries that have not fired.
    package var count: Int { state.withLock { $0.heap.count } }

    /// The time of the earliest entry.
    package var next: LogTime? { state.withLock { $0.heap.first?.time } }

    /// Runs `action` when the time comes; entries of the same time run in the order they came.
    package func schedule(at time: LogTime, _ action: @escaping @Sendable () -> Void) {
        let earlier = state.withLock { state -> (@Sendable () -> Void)? in
            state.scheduled += 1
            state.heap.append(Entry(time: time, order: state.scheduled, action: action))
            siftUp(&state.heap)
            return state.heap[0].order == state.scheduled ? state.onEarlier : nil
        }
        earlier?()
    }

    /// Runs everything that is due at `now`, what the actions themselves schedule up to `now`
    /// included, each at its own time in order.
    ///
    /// - Returns: the time of the earliest entry left.
    @discardableResult
    package func fire(upTo now: LogTime) -> LogTime? {
        while let action = popDue(now) { action() }
        return next
    }

    /// Takes the closure that is told when an entry becomes the earliest; nil forgets it.
    func notifyEarlier(_ onEarlier: (@Sendable () -> Void)?) {
        state.withLock { $0.onEarlier = onEarlier }
    }

    private func popDue(_ now: LogTime) -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard let first = state.heap.first, first.time <= now else { return nil }
            let last = state.heap.removeLast()
            if !state.heap.isEmpty {
                state.heap[0] = last
                siftDown(&state.heap)
            }
            return first.action
        }
    }

    private func siftUp(_ heap: inout [Entry]) {
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private func siftDown(_ heap: inout [Entry]) {
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].isBefore(heap[smallest]) { smallest = child }
            }
            guard smallest != parent else { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
