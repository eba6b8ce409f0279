/// Bytes received and not yet taken. Taking from the front moves nothing.
struct InputBuffer {
    /// An empty buffer gives back storage beyond this: what an idle connection may keep.
    private static let keptBytes = 8_192

    private var storage: [UInt8] = []
    private var start = 0

    var count: Int { storage.count - start }
    var isEmpty: Bool { count == 0 }
    /// What is there.
    var unread: ArraySlice<UInt8> { storage[start...] }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if start > 0 {
            storage.removeFirst(start)
            start = 0
        }
        unsafe storage.append(contentsOf: bytes)
    }

    mutating func removeFirst(_ count: Int) {
        start += count
        if start == storage.count { removeAll() }
    }

    mutating func removeAll() {
        storage.removeAll(keepingCapacity: storage.capacity <= Self.keptBytes)
        start = 0
    }
}
