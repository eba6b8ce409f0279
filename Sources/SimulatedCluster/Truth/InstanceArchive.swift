import Synchronization

/// Every instance that ever started in a cluster, also those of removed Pods: what
/// ``TruthEndpoint`` tells of. Any thread may use it.
///
/// At most ``capacity`` instances are kept, then the oldest are forgotten; a log keeps no text, so
/// each takes 1 KB and what its ledger takes.
final class InstanceArchive: Sendable {
    /// 100,000 instances: three days of the demo, or some 100 MB.
    static let capacity = 100_000
    private static let forgottenAtOnce = 1_000

    /// What names an instance for good.
    struct Key: Hashable {
        let uid: String
        let container: String
        let attempt: Int
    }

    private struct State {
        var order: [InstanceLog] = []
        var logs: [Key: InstanceLog] = [:]
    }

    private let state = Mutex(State())

    /// Adds an instance that has started.
    func add(_ log: InstanceLog) {
        state.withLock { state in
            if state.order.count == Self.capacity {
                for old in state.order.prefix(Self.forgottenAtOnce) {
                    state.logs[Self.key(of: old)] = nil
                }
                state.order.removeFirst(Self.forgottenAtOnce)
            }
            state.order.append(log)
            state.logs[Self.key(of: log)] = log
        }
    }

    /// All instances, in the order of their starts.
    var all: [InstanceLog] { state.withLock { $0.order } }

    /// One instance.
    func log(_ key: Key) -> InstanceLog? { state.withLock { $0.logs[key] } }

    private static func key(of log: InstanceLog) -> Key {
        let identity = log.identity
        return Key(
            uid: identity.uid, container: identity.container, attempt: identity.attempt)
    }
}
