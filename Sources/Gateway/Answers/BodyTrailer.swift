import ByteBlocks
import Synchronization

/// Bytes that are sent once, at the end of a body.
final class BodyTrailer: Sendable {
    private let block: Mutex<ByteBlock?>

    /// Keeps `bytes` until they are taken; nothing when there are none.
    init(_ bytes: [UInt8]) {
        block = Mutex(bytes.isEmpty ? nil : ByteBlock(bytes))
    }

    /// The bytes at the first call, `nil` afterwards.
    func take() -> ByteBlock? {
        block.withLock { block in
            defer { block = nil }
            return block
        }
    }
}
