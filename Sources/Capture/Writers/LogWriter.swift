package import LogModel

/// Hears of every line of a stream, beside the store.
///
/// It is called in the order of the lines, one call at a time. Lines may reach it before they are
/// committed: what is shown to a reader comes from the store instead.
package protocol LogWriter: Sendable {
    /// Takes a batch. Throwing cuts this writer off from the stream; nobody else notices.
    func write(_ batch: NumberedBatch, of stream: StreamID) async throws
    /// Says that this writer hears no more of the stream, and why: it failed, or it was so slow that
    /// its queue reached its bound. Lines from number `line` on were missed; they are in the store.
    func cutOff(at line: Int64, of stream: StreamID, reason: String) async
    /// Says that the stream has ended at number `line`.
    func ended(at line: Int64, of stream: StreamID) async
}
