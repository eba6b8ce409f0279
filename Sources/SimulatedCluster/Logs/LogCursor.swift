package import ByteBlocks
package import LogModel

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// A position in one instance's log that yields bytes as the kubelet sends them: a pure value.
///
/// The kubelet's order: the file, then `tailLines` (which counts the runtime's records, so each
/// 16 KiB of a long line), then the `since` filter, which is asked for each record, then
/// `limitBytes`, which counts the timestamps too and may cut the last line.
///
/// | a long line | is sent as |
/// | --- | --- |
/// | by a kubelet that stamps records | a stamp before each record |
/// | by any other | one stamp and all records |
/// | from the middle on, because of `tailLines` | the same, with the stamp of the first record left |
/// | from the middle on, because of the filter | the same, but by any other without a stamp |
package struct LogCursor: Sendable {
    /// The longest record of the container runtime.
    package static let recordBytes = 16 << 10
    /// Bytes that one block is filled up to; a longer line makes a longer block.
    package static let blockBytes = 128 << 10

    /// The next line.
    package private(set) var line: Int
    /// The lines that the last block held completely.
    package private(set) var given: Range<Int>
    /// The next line's first record, and whether the filter left out those before.
    private var record = 0
    private var isContinued = false
    private var remaining: Int
    private var filter: (since: LogTime, end: Int)?
    private let text: LogText
    private let stamps: LogStamps
    private let timestamps: Bool
    private let stampsRecords: Bool
    private let fitsRecords: Bool

    /// Places a cursor for a request that came at `now`, when the log was that far.
    package init(
        _ query: LogQuery, text: LogText, stamps: LogStamps, progress: InstanceLog.Progress,
        kubelet: KubeletVersion = .standard, now: LogTime
    ) {
        self.text = text
        self.stamps = stamps
        timestamps = query.timestamps
        stampsRecords = kubelet.stampsRecords && query.timestamps
        fitsRecords = text.fitsRecords
        remaining = query.limitBytes ?? .max
        line = progress.first
        given = line..<line
        if let tail = query.tailLines { seek(tail: tail, progress) }
        if let since = query.since(now: now) {
            let range = stamps.range(filteredBy: since)
            if range.lowerBound > line { move(to: range.lowerBound) }
            filter = (since, range.upperBound)
        }
        given = line..<line
    }

    /// Whether `limitBytes` is used up.
    package var isExhausted: Bool { remaining == 0 }

    /// Goes on with another line.
    package mutating func move(to line: Int) {
        self.line = line
        record = 0
        isContinued = false
    }

    /// The next bytes of the lines before `end`, of at most `count` lines; nil when there are none.
    ///
    /// All lines of a block follow on each other.
    package mutating func next(upTo end: Int, lines count: Int = .max) -> ByteBlock? {
        skipFiltered(upTo: end)
        given = line..<line
        guard line < end, count > 0, remaining > 0 else { return nil }
        let end = count < end - line ? line + count : end
        let first = record == 0 ? line : line + 1
        let capacity = max(Self.blockBytes, longest(line))
        var isWhole = true
        let block = ByteBlock(capacity: capacity) { target -> Int in
            guard let base = target.baseAddress else { return 0 }
            let filled = fill(base, capacity, upTo: end)
            isWhole = filled <= remaining
            return min(filled, remaining)
        }
        if remaining != .max { remaining -= block.count }
        let last = isWhole ? line : line - 1
        given = min(first, last)..<last
        return block
    }

    private mutating func fill(
        _ base: UnsafeMutableRawPointer, _ capacity: Int, upTo end: Int
    ) -> Int {
        var stamp = TimestampWriter()
        var filled = 0
        while line < end, filled + longest(line) <= capacity, filled < remaining {
            if filter != nil, filled > 0, hiddenRecords() > 0 { break }
            let target = base + filled
            if record > 0 || (stampsRecords && records(line) > 1) {
                filled += writeRecords(to: target, &stamp)
            } else {
                var length = 0
                if timestamps {
                    stamp.write(stamps.time(of: line), to: target)
                    length = TimestampWriter.length
                }
                filled += length + text.write(line, to: target + length)
            }
            if text.hasNewline(line) {
                (base + filled).storeBytes(of: UInt8(ascii: "\n"), as: UInt8.self)
                filled += 1
            }
            move(to: line + 1)
        }
        return filled
    }

    /// Writes what is left of a long line, record by record.
    private func writeRecords(
        to target: UnsafeMutableRawPointer, _ stamp: inout TimestampWriter
    ) -> Int {
        let room = timestamps ? records(line) * TimestampWriter.length : 0
        let length = text.write(line, to: target + room)
        var written = 0
        for index in record..<records(line) {
            let isStamped = stampsRecords || (index == record && !isContinued)
            if timestamps, isStamped {
                stamp.write(stamps.time(of: line, record: index), to: target + written)
                written += TimestampWriter.length
            }
            let start = index * Self.recordBytes
            let count = min(Self.recordBytes, length - start)
            memmove(target + written, target + room + start, count)
            written += count
        }
        return written
    }

    /// Leaves out the lines, and the next line's first records, that are before `since`.
    private mutating func skipFiltered(upTo end: Int) {
        while filter != nil, line < end {
            let hidden = hiddenRecords()
            guard hidden > record else { return }
            if hidden < records(line) {
                record = hidden
                isContinued = true
                return
            }
            move(to: line + 1)
        }
    }

    /// How many records of the next line the filter leaves out; the filter ends where it has
    /// nothing more to do.
    private mutating func hiddenRecords() -> Int {
        guard let (since, end) = filter else { return 0 }
        guard line < end else {
            filter = nil
            return 0
        }
        return stamps.records(before: since, of: line)
    }

    /// What a line takes at most.
    private func longest(_ line: Int) -> Int {
        let count = stampsRecords || record > 0 ? records(line) : 1
        return text.length(of: line) + count * TimestampWriter.length + 1
    }

    private func records(_ line: Int) -> Int {
        if fitsRecords { return 1 }
        return max(1, (text.length(of: line) + Self.recordBytes - 1) / Self.recordBytes)
    }

    private mutating func seek(tail: Int, _ progress: InstanceLog.Progress) {
        let lines = progress.written - progress.first
        guard !fitsRecords else {
            line = progress.written - min(tail, lines)
            return
        }
        var left = tail
        var start = progress.written
        while left > 0, start > progress.first {
            let count = records(start - 1)
            start -= 1
            record = max(0, count - left)
            left -= min(left, count)
        }
        line = start
    }
}
