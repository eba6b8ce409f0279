import ByteBlocks
import LogModel
import Synchronization

/// The text frames of recent batches, made once and shared by all readers of a stream.
///
/// Readers that keep up ask for the same few batches within milliseconds of each other, so a small
/// cache serves thousands of them. Any thread may call it.
final class TextFrameCache: Sendable {
    /// Batches kept: those of the last moments of the streams that are being watched.
    static let batchLimit = 128
    /// Bytes of batches and frames kept: beyond it the oldest go.
    static let byteLimit = 16 << 20

    private struct Key: Hashable {
        let batch: ObjectIdentifier
        let encoding: TextFrameEncoding
    }

    private struct Entry {
        /// Kept so that no other batch can get the same identity.
        let batch: LineBatch
        let frames: [ByteBlock]
        let bytes: Int
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var order: [Key] = []
        var bytes = 0
    }

    private let state = Mutex(State())

    /// The frames of `batch`.
    func frames(of batch: LineBatch, _ encoding: TextFrameEncoding) -> [ByteBlock] {
        let key = Key(batch: ObjectIdentifier(batch), encoding: encoding)
        if let frames = state.withLock({ $0.entries[key]?.frames }) { return frames }
        let frames = encoding.frames(of: batch)
        let isShared = frames.count == 1 && frames[0] === batch.text
        let made = isShared ? 0 : frames.reduce(0) { $0 + $1.count }
        let entry = Entry(batch: batch, frames: frames, bytes: batch.byteCount + made)
        state.withLock { state in
            guard state.entries.updateValue(entry, forKey: key) == nil else { return }
            state.order.append(key)
            state.bytes += entry.bytes
            while state.order.count > Self.batchLimit || state.bytes > Self.byteLimit {
                let oldest = state.order.removeFirst()
                state.bytes -= state.entries.removeValue(forKey: oldest)?.bytes ?? 0
            }
        }
        return frames
    }
}
