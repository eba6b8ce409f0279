import LogModel
import Synchronization

/// Tells followers that wait after a failure of their node that it answers again.
///
/// A kubelet that restarts fails all followers of its node, and each waits by itself, ever longer.
/// The files are rotated meanwhile, so the first one that is answered wakes the others; the
/// ``StartGate`` keeps them from coming all at once. Any task may call it.
package final class NodeRecovery: Sendable {
    private let waiting = Mutex<[String: [StreamID: InstanceSignals]]>([:])

    /// Nobody waits yet.
    package init() {}

    /// Takes in that a follower waits for its node.
    func wait(_ id: StreamID, on node: String, _ signals: InstanceSignals) {
        waiting.withLock { $0[node, default: [:]][id] = signals }
    }

    /// Forgets a follower that does not wait any more.
    func forget(_ id: StreamID, on node: String) {
        waiting.withLock { waiting in
            waiting[node]?[id] = nil
            if waiting[node]?.isEmpty == true { waiting[node] = nil }
        }
    }

    /// Wakes those who wait for `node`: it has answered. Each is woken once for each of its waits.
    func answered(by node: String) {
        let woken = waiting.withLock { $0.removeValue(forKey: node) } ?? [:]
        for signals in woken.values { signals.nodeAnswered() }
    }
}
