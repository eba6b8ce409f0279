package import LogModel

/// Finds the first line of a replay that is not stored yet.
///
/// The kubelet reads one file in one order. So a replay is the stored lines from some line on, up to
/// the last one, and then new lines. The matcher looks for the longest beginning of the replay that
/// is an end of the stored lines, comparing (timestamp, bytes) one by one, never timestamps alone:
/// identical lines with identical nanoseconds and lines out of order are found at their place.
///
/// It is Knuth, Morris and Pratt's search with the replay as the pattern, in which both sides arrive
/// piece by piece. The failure table is made only when a comparison fails, which an ordinary resume
/// never sees. Memory is bounded: after ``committedLines`` equal lines in a row the overlap counts as
/// found, and only what was not compared yet is kept.
package struct OverlapMatcher {
    /// What the matcher needs to go on.
    package enum Step {
        /// The next stored lines, or ``endExpected()``.
        case needsExpected
        /// The next lines of the replay, or ``endReplay()``.
        case needsReplay
        /// Done.
        case settled(OverlapResult)
    }

    /// Equal lines in a row after which no other place is considered: 65,536. At 48 bytes a line
    /// that is 3 MiB beside the lines themselves.
    static let committedLines = 65_536
    /// The same in bytes of the lines: 8 MiB.
    static let committedBytes = 8 << 20

    private let since: Int64
    // The stored side.
    private var expected: LineBatch?
    private var next = 0
    private var expectedEnded = false
    private var sawExpected = false
    private var skipped = 0
    // The replay.
    private var replay: [LineBatch] = []
    private var replayBytes = 0
    private var replayEnded = false
    /// Whether the last line of the replay is one that had no newline when its body ended.
    private var endsOpen = false
    private var orphans = 0
    private var marks: [LineMark] = []
    private var borders: [Int] = []
    private var matched = 0
    private var isCommitted = false

    /// A matcher for a replay that was asked for with `since`; stored lines before it are known not
    /// to be in the replay.
    package init(since: LogTime?) {
        self.since = since?.nanoseconds ?? .min
    }

    /// Adds the next stored lines. Only after ``Step/needsExpected``.
    package mutating func add(expected batch: LineBatch) {
        expected = batch
        next = 0
    }

    /// Says that there are no more stored lines.
    package mutating func endExpected() {
        expectedEnded = true
        expected = nil
    }

    /// Adds the next lines of the replay.
    ///
    /// `isOpen` says that the body ended behind the last of them, without a newline: it is the log's
    /// last line, or the beginning of a line whose rest was cut off.
    package mutating func add(replay batch: LineBatch, isOpen: Bool = false) {
        endsOpen = isOpen
        replay.append(batch)
        replayBytes += batch.byteCount
        marks.reserveCapacity(marks.count + batch.count)
        for index in 0..<batch.count { marks.append(LineMark(batch, index)) }
    }

    /// Says that the body of the replay has ended.
    package mutating func endReplay() { replayEnded = true }

    /// Compares as far as possible.
    package mutating func step() -> Step {
        while true {
            guard let batch = expected, next < batch.count else {
                if expectedEnded { return settleAtEnd() }
                return .needsExpected
            }
            if batch.times[next] < since {
                guard dropOrphan(batch, next) else { return .needsReplay }
                next += 1
                continue
            }
            sawExpected = true
            guard matched < marks.count else {
                if replayEnded { return .settled(marks.isEmpty ? .silent : .unfinished) }
                return .needsReplay
            }
            if isBeginning(of: batch, next) { return .settled(.unfinished) }
            if isCommitted, marks[matched] != LineMark(batch, next) {
                return .settled(.broken(fresh: lines(from: matched)))
            }
            consume(batch, next)
            next += 1
            commitIfLong()
        }
    }

    /// Whether the replay ends with the beginning of this stored line, in its place.
    private func isBeginning(of batch: LineBatch, _ index: Int) -> Bool {
        guard endsOpen, matched == marks.count - 1, let open = replay.last else { return false }
        return open.isBeginning(open.count - 1, of: batch, index)
    }

    /// Moves on by one stored line.
    private mutating func consume(_ batch: LineBatch, _ index: Int) {
        let mark = LineMark(batch, index)
        while marks[matched] != mark {
            if matched == 0 {
                if isTailAtStart(batch, index) { break }
                skipped += 1
                return
            }
            let border = border(of: matched)
            skipped += matched - border
            matched = border
        }
        matched += 1
    }

    /// Whether the replay begins inside this stored line, which happens when the log was rotated
    /// within it.
    private func isTailAtStart(_ batch: LineBatch, _ index: Int) -> Bool {
        guard orphans == 0, let first = replay.first else { return false }
        return first.isTail(0, of: batch, index)
    }

    /// Looks at a stored line that is older than the replay: when the first line of the replay is
    /// the tail of it, that line is no new one.
    ///
    /// - Returns: `false` when the first line of the replay must be known first.
    private mutating func dropOrphan(_ batch: LineBatch, _ index: Int) -> Bool {
        guard orphans == 0, matched == 0, batch.line(index).count > FragmentStamps.recordBytes
        else { return true }
        guard let first = replay.first else { return replayEnded }
        if first.isTail(0, of: batch, index) {
            orphans = 1
            marks.removeFirst()
        }
        return true
    }

    /// The longest proper beginning of the first `count` replay lines that is also their end.
    private mutating func border(of count: Int) -> Int {
        if borders.isEmpty { borders = [0, 0] }
        while borders.count <= count {
            let last = borders.count - 1
            var border = borders[last]
            while border > 0, marks[border] != marks[last] { border = borders[border] }
            borders.append(marks[border] == marks[last] ? border + 1 : 0)
        }
        return borders[count]
    }

    private mutating func commitIfLong() {
        guard matched == marks.count,
            matched >= Self.committedLines || replayBytes >= Self.committedBytes
        else { return }
        isCommitted = true
        replay = []
        replayBytes = 0
        marks = []
        borders = []
        matched = 0
        orphans = 0
    }

    private func settleAtEnd() -> Step {
        if matched > 0 || isCommitted {
            return .settled(.continues(fresh: lines(from: matched), startsInside: skipped > 0))
        }
        if marks.isEmpty {
            return replayEnded ? .settled(.silent) : .needsReplay
        }
        if sawExpected { return .settled(.broken(fresh: lines(from: 0))) }
        return .settled(.continues(fresh: lines(from: 0), startsInside: false))
    }

    /// The kept lines of the replay from the one with mark `index` on.
    private func lines(from index: Int) -> [LineBatch] {
        var rest = index + orphans
        var result: [LineBatch] = []
        for batch in replay {
            if rest >= batch.count {
                rest -= batch.count
            } else {
                result.append(batch.dropFirst(rest))
                rest = 0
            }
        }
        return result
    }
}
