import ByteBlocks

/// Collects lines and makes a ``LineBatch`` of them.
///
/// Not for sharing: one owner fills it, takes the batch, and fills it again.
package struct LineBatchBuilder: ~Copyable {
    private var text: [UInt8] = []
    private var ends: [UInt32] = []
    private var times: [Int64] = []
    /// Whether the last line was added without its newline, so that no line may follow it.
    package private(set) var isClosed = false

    /// An empty builder.
    package init() {}

    /// Bytes of text collected so far.
    package var byteCount: Int { text.count }
    /// Lines collected so far.
    package var count: Int { ends.count }

    /// Makes room for `bytes` more bytes of text.
    package mutating func reserve(bytes: Int) {
        text.reserveCapacity(text.count + bytes)
    }

    /// Adds a line, given without its newline.
    ///
    /// - Parameters:
    ///   - line: its bytes.
    ///   - time: its timestamp in nanoseconds since 1970.
    ///   - newline: `false` for a part of a longer line, and for a last line that has none; the
    ///     batch must then be taken before the next line is added.
    package mutating func add(_ line: UnsafeRawBufferPointer, time: Int64, newline: Bool = true) {
        precondition(!isClosed, "nothing follows a line without a newline in one batch")
        unsafe text.append(contentsOf: line)
        if newline { text.append(UInt8(ascii: "\n")) } else { isClosed = true }
        ends.append(UInt32(text.count))
        times.append(time)
    }

    /// The lines collected so far as a batch, `nil` when there are none; the builder is empty then.
    package mutating func take() -> LineBatch? {
        guard !ends.isEmpty else { return nil }
        let batch = LineBatch(text: ByteBlock(text), ends: ends, times: times)
        text.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
        isClosed = false
        return batch
    }
}
