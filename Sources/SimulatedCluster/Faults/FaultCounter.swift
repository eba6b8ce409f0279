import Synchronization

/// Counts the faults of a cluster that really happened, by kind. Any thread may use it.
package final class FaultCounter: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    /// Starts with nothing counted.
    package init() {}

    /// Counts one.
    func count(_ kind: String) {
        counts.withLock { $0[kind, default: 0] += 1 }
    }

    /// How often each kind has happened.
    package var kinds: [String: Int] { counts.withLock { $0 } }
}
