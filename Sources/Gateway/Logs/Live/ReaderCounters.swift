import Synchronization

/// What readers of logs did since the daemon started, which `/metrics` shows. Any thread may call
/// it.
final class ReaderCounters: Sendable {
    /// Frames that were cut.
    let frames = Atomic(0)
    /// Frames that were given to readers which share them.
    let shared = Atomic(0)
    /// Pieces from memory that were made for one reader which was behind.
    let own = Atomic(0)
    /// Wakes of readers.
    let wakes = Atomic(0)
    /// Times that a reader went on from the store.
    let fromStore = Atomic(0)
    /// Readers at present.
    let readers = Atomic(0)
}
