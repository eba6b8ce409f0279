import ByteBlocks

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// A ring of words that plain lines are cut from: 64 KiB, the same in every run.
enum LogWords {
    /// The size of the ring, a power of two, less one.
    static let mask: UInt64 = 0xFFFF

    private static let vocabulary = [
        "batch", "table", "shard", "commit", "index", "offset", "read", "write", "rows", "merged",
        "queue", "worker", "checkpoint", "bytes", "part", "stage", "record", "flushed", "schema",
        "retry", "window", "sorted", "node", "volume", "cache", "hit", "miss", "loaded", "total",
        "elapsed", "ms", "ok", "done", "next", "key", "value", "partition", "manifest", "bucket",
    ]

    /// The ring twice over, so that a slice that starts anywhere in it is one piece.
    static let ring: ByteBlock = {
        let size = Int(mask) + 1
        var random = SeededRandom(seed: 0x706F_6477_6972_6521)
        var bytes: [UInt8] = []
        while bytes.count < size {
            bytes += Array(vocabulary[Int(random.next() % UInt64(vocabulary.count))].utf8)
            bytes.append(UInt8(ascii: " "))
        }
        bytes.removeLast(bytes.count - size)
        return ByteBlock(bytes + bytes)
    }()

    /// Copies `count` bytes of `ring` that start at `start`.
    @inline(__always)
    static func copy(
        _ ring: ByteBlock, from start: Int, _ count: Int, to target: UnsafeMutableRawPointer
    ) {
        guard let base = ring.bytes.baseAddress else { return }
        let size = Int(mask) + 1
        var done = 0
        while done < count {
            let piece = min(count - done, size)
            memcpy(target + done, base + start, piece)
            done += piece
        }
    }
}
