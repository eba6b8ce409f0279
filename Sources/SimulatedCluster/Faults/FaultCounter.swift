import Synchronization

/// Counts the faults of a cluster that really happened, by kind. Any thread may use it.
package final class FaultCounter: Sendable {
    private let counts = Mutex<[FaultKind: Int]>([:])

    /// Starts with nothing counted.
    package init() {}

    /// Counts one.
    func count(_ kind: FaultKind) {
        counts.withLock { $0[kind, default: 0] += 1 }
    }

    /// How often each kind has happened.
    package var kinds: [FaultKind: Int] { counts.withLock { $0 } }
}
