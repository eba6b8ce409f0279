package import ByteBlocks

/// Consecutive lines of one stream: one shared block of text, line ends and timestamps.
///
/// Immutable from the moment it is made, and shared by every writer and every reader. The text is
/// what the container wrote, without the kubelet's timestamps. Each line ends with a newline but
/// for two cases, in which it must be the batch's last line: a part of a line that is longer than
/// ``LineLimits/partBytes``, and the last line of a stream whose container did not write a newline.
///
/// ```
/// text   h e l l o \n w o r l d \n          one ByteBlock
/// ends             6           12           offset behind each line's newline
/// times            t0          t1           nanoseconds since 1970
/// ```
package final class LineBatch: Sendable {
    /// The text of all lines, newlines included.
    package let text: ByteBlock
    /// For each line the offset in ``text`` behind its newline (or its last byte).
    package let ends: [UInt32]
    /// For each line its timestamp, in nanoseconds since 1970.
    package let times: [Int64]

    /// Makes a batch; `ends` and `times` have one entry a line, and the last end is the text's end.
    package init(text: ByteBlock, ends: [UInt32], times: [Int64]) {
        precondition(!ends.isEmpty, "a batch has at least one line")
        precondition(ends.count == times.count, "every line has an end and a time")
        precondition(ends.last.map { Int($0) } == text.count, "the text ends with the last line")
        self.text = text
        self.ends = ends
        self.times = times
    }

    /// The number of lines.
    package var count: Int { ends.count }

    /// The number of bytes of text, newlines included.
    package var byteCount: Int { text.count }

    /// Where line `index` starts in ``text``.
    package func start(_ index: Int) -> Int { index == 0 ? 0 : Int(ends[index - 1]) }

    /// Whether the last line ends with a newline; one without any bytes has none.
    package var endsWithNewline: Bool {
        let bytes = unsafe text.bytes
        return unsafe start(count - 1) < byteCount && bytes.last == UInt8(ascii: "\n")
    }

    /// The bytes of line `index`, without its newline. Valid while the batch is referenced.
    package func line(_ index: Int) -> UnsafeRawBufferPointer {
        let bytes = unsafe text.bytes
        let from = start(index)
        var to = Int(ends[index])
        if to > from, unsafe bytes[to - 1] == UInt8(ascii: "\n") { to -= 1 }
        return unsafe UnsafeRawBufferPointer(rebasing: bytes[from..<to])
    }

    /// The largest timestamp of the batch. Lines are not ordered by time: stdout and stderr are
    /// stamped by two threads of the container runtime.
    package var maxTime: Int64 { times.max() ?? .min }

    /// The batch without its first `count` lines; itself when `count` is 0.
    package func dropFirst(_ count: Int) -> LineBatch {
        precondition(count >= 0 && count < self.count, "a batch keeps at least one line")
        if count == 0 { return self }
        return slice(count..<self.count)
    }

    /// A copy of the lines `range`.
    package func slice(_ range: Range<Int>) -> LineBatch {
        precondition(!range.isEmpty && range.upperBound <= count, "lines of the batch")
        let from = start(range.lowerBound)
        let to = Int(ends[range.upperBound - 1])
        let block = unsafe ByteBlock(capacity: to - from) { target in
            unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: text.bytes[from..<to]))
            return to - from
        }
        return LineBatch(
            text: block, ends: ends[range].map { $0 - UInt32(from) }, times: Array(times[range]))
    }
}

/// A batch at its place in a stream.
package struct NumberedBatch: Sendable {
    /// The number of the batch's first line.
    package let first: Int64
    /// The lines.
    package let batch: LineBatch

    /// Places `batch` so that its first line has the number `first`.
    package init(first: Int64, batch: LineBatch) {
        self.first = first
        self.batch = batch
    }

    /// The number of the line behind the batch.
    package var next: Int64 { first + Int64(batch.count) }
}

/// Limits on single lines.
package enum LineLimits {
    /// Bytes of one stored line: 1 MiB. A longer line is stored in parts of this size, each with a
    /// number of its own, that join to the same bytes.
    package static let partBytes = 1 << 20
}
