import Synchronization

/// Counts the memory that frames, and lines read ahead of readers, take, of all streams together, and
/// knows its limit.
///
/// Bytes are counted from the moment they are made to the moment they are freed, so also while the
/// only one that holds them is a reader that is being sent them. Any thread may call it.
final class FrameBudget: Sendable {
    private let limitBytes: Int
    private let held = Atomic(0)

    /// A budget of `limitBytes`. Beyond it streams keep nothing but their newest frame, readers that
    /// are not up to date read from the store, and no further ahead than one chunk.
    init(limitBytes: Int) {
        self.limitBytes = limitBytes
    }

    /// Bytes in memory.
    var bytes: Int { held.load(ordering: .relaxed) }

    /// Whether more than half is used, so that nobody should take more than a little of the rest.
    var isScarce: Bool { bytes > limitBytes / 2 }

    /// Whether there are more than there should be.
    var isExceeded: Bool { bytes > limitBytes }

    /// Counts bytes that were made, or freed where they are negative.
    func count(_ bytes: Int) {
        held.wrappingAdd(bytes, ordering: .relaxed)
    }
}
