package import ByteBlocks
package import LogModel

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// A position in one instance's log that yields bytes as the kubelet sends them: a pure value.
///
/// The kubelet's order: the newest file, then `tailLines` (which counts the runtime's records, so
/// each 16 KiB of a long line), then the `since` filter, then `limitBytes`, which counts the
/// timestamps too and may cut the last line.
package struct LogCursor: Sendable {
    /// The longest record of the container runtime.
    package static let recordBytes = 16 << 10
    /// Bytes that one block is filled up to; a longer line makes a longer block.
    package static let blockBytes = 128 << 10

    /// The next line.
    package private(set) var line: Int
    private var skipped: Int
    private var remaining: Int
    private let text: LogText
    private let schedule: LogSchedule
    private let timestamps: Bool

    /// Places a cursor for a request that came at `now`, when the log was that far.
    package init(
        _ query: LogQuery, text: LogText, schedule: LogSchedule, progress: InstanceLog.Progress,
        now: LogTime
    ) {
        self.text = text
        self.schedule = schedule
        timestamps = query.timestamps
        remaining = query.limitBytes ?? .max
        line = progress.first
        skipped = 0
        if let tail = query.tailLines { seek(tail: tail, progress) }
        if let since = query.since(now: now) {
            let first = schedule.firstLine(since: since)
            if first > line {
                line = first
                skipped = 0
            }
        }
    }

    /// Whether `limitBytes` is used up.
    package var isExhausted: Bool { remaining == 0 }

    /// The next bytes of the lines before `end`; nil when there are none.
    package mutating func next(upTo end: Int) -> ByteBlock? {
        guard line < end, remaining > 0 else { return nil }
        let capacity = max(Self.blockBytes, longest(line))
        let block = ByteBlock(capacity: capacity) { target -> Int in
            guard let base = target.baseAddress else { return 0 }
            return min(fill(base, capacity, upTo: end), remaining)
        }
        if remaining != .max { remaining -= block.count }
        return block
    }

    private mutating func fill(
        _ base: UnsafeMutableRawPointer, _ capacity: Int, upTo end: Int
    ) -> Int {
        var stamp = TimestampWriter()
        var filled = 0
        while line < end, filled + longest(line) <= capacity, filled < remaining {
            if timestamps {
                stamp.write(schedule.time(of: line), to: base + filled)
                filled += TimestampWriter.length
            }
            var length = text.write(line, to: base + filled)
            if skipped > 0 {
                length -= skipped
                memmove(base + filled, base + filled + skipped, length)
                skipped = 0
            }
            filled += length
            if text.hasNewline(line) {
                (base + filled).storeBytes(of: UInt8(ascii: "\n"), as: UInt8.self)
                filled += 1
            }
            line += 1
        }
        return filled
    }

    /// What a line takes at most.
    private func longest(_ line: Int) -> Int {
        text.length(of: line) + TimestampWriter.length + 1
    }

    private mutating func seek(tail: Int, _ progress: InstanceLog.Progress) {
        let lines = progress.written - progress.first
        guard !text.fitsRecords else {
            line = progress.written - min(tail, lines)
            return
        }
        var records = tail
        var start = progress.written
        while records > 0, start > progress.first {
            let count = max(
                1, (text.length(of: start - 1) + Self.recordBytes - 1) / Self.recordBytes)
            start -= 1
            skipped = count > records ? (count - records) * Self.recordBytes : 0
            records -= min(records, count)
        }
        line = start
    }
}
