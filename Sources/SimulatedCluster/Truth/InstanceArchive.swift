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

    private let state = Mutex<[InstanceLog]>([])

    /// Adds an instance that has started.
    func add(_ log: InstanceLog) {
        state.withLock { logs in
            if logs.count == Self.capacity { logs.removeFirst(Self.forgottenAtOnce) }
            logs.append(log)
        }
    }

    /// All instances, in the order of their starts.
    var all: [InstanceLog] { state.withLock { $0 } }

    /// One instance.
    func log(uid: String, container: String, attempt: Int) -> InstanceLog? {
        all.first {
            $0.identity.uid == uid && $0.identity.container == container
                && $0.identity.attempt == attempt
        }
    }
}
