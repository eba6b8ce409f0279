import LogModel
import Testing

@testable import Capture

@Suite struct OverlapMatcherTests {
    /// What a settled matcher said, in comparable form.
    struct Outcome: Equatable {
        enum Kind { case continues, broken, unfinished, silent }
        var kind: Kind
        var fresh: [LineSample] = []
    }

    /// Runs a matcher, handing it both sides in pieces of at most `piece` lines.
    static func match(
        stored: [LineSample], replay: [LineSample], since: Int64 = .min, piece: Int = 2
    ) -> Outcome {
        var matcher = OverlapMatcher(since: LogTime(nanoseconds: since))
        var stored = stored[...]
        var rest = replay[...]
        func take(_ side: inout ArraySlice<LineSample>) -> LineBatch? {
            var part: [LineSample] = []
            while part.count < piece, let line = side.popFirst() {
                part.append(line)
                if !line.isTerminated { break }
            }
            return LineBatch.of(part)
        }
        for _ in 0..<(stored.count + rest.count + 4) * 2 {
            switch matcher.step() {
            case .needsExpected:
                if let batch = take(&stored) {
                    matcher.add(expected: batch)
                } else {
                    matcher.endExpected()
                }
            case .needsReplay:
                if let batch = take(&rest) {
                    let isOpen = rest.isEmpty && replay.last?.isTerminated == false
                    matcher.add(replay: batch, isOpen: isOpen)
                } else {
                    matcher.endReplay()
                }
            case .settled(let result):
                let fresh = result.fresh.flatMap(\.samples) + rest
                switch result {
                case .continues: return Outcome(kind: .continues, fresh: fresh)
                case .broken: return Outcome(kind: .broken, fresh: fresh)
                case .unfinished: return Outcome(kind: .unfinished)
                case .silent: return Outcome(kind: .silent)
                }
            }
        }
        Issue.record("the matcher did not settle")
        return Outcome(kind: .silent)
    }

    static func lines(_ text: String) -> [LineSample] {
        text.map { LineSample(Int64($0.asciiValue ?? 0), String($0)) }
    }

    @Test(
        "the first new line is found",
        arguments: [
            ("abcd", "abcdef", Outcome(kind: .continues, fresh: lines("ef"))),
            ("abcd", "cdef", Outcome(kind: .continues, fresh: lines("ef"))),
            ("abcd", "abcd", Outcome(kind: .continues)),
            ("abcd", "d", Outcome(kind: .continues)),
            ("abcd", "efg", Outcome(kind: .broken, fresh: lines("efg"))),
            ("abcd", "abc", Outcome(kind: .unfinished)),
            ("abcd", "", Outcome(kind: .silent)),
            ("", "ab", Outcome(kind: .continues, fresh: lines("ab"))),
            ("", "", Outcome(kind: .silent)),
            // Identical lines with the same nanosecond.
            ("aaa", "aaab", Outcome(kind: .continues, fresh: lines("b"))),
            ("abaab", "abaabb", Outcome(kind: .continues, fresh: lines("b"))),
            ("ababc", "abcd", Outcome(kind: .continues, fresh: lines("d"))),
            ("ababa", "abac", Outcome(kind: .continues, fresh: lines("c"))),
            // Timestamps out of order.
            ("acbd", "acbdce", Outcome(kind: .continues, fresh: lines("ce"))),
        ])
    func firstNewLine(stored: String, replay: String, outcome: Outcome) {
        for piece in 1...3 {
            #expect(
                Self.match(stored: Self.lines(stored), replay: Self.lines(replay), piece: piece)
                    == outcome)
        }
    }

    @Test("equal bytes at another time are another line")
    func timeCounts() {
        let outcome = Self.match(
            stored: [LineSample(1, "tick")], replay: [LineSample(2, "tick")])
        #expect(outcome == Outcome(kind: .broken, fresh: [LineSample(2, "tick")]))
    }

    @Test("equal times with other bytes are another line")
    func bytesCount() {
        let outcome = Self.match(
            stored: [LineSample(1, "a"), LineSample(1, "b")],
            replay: [LineSample(1, "a"), LineSample(1, "b"), LineSample(1, "c")])
        #expect(outcome == Outcome(kind: .continues, fresh: [LineSample(1, "c")]))
    }

    @Test("timestamps out of order across a second: stored lines before since are not expected")
    func outOfOrder() {
        let stored = [LineSample(10, "a"), LineSample(7, "late"), LineSample(11, "b")]
        let replay = [LineSample(10, "a"), LineSample(11, "b"), LineSample(12, "c")]
        let outcome = Self.match(stored: stored, replay: replay, since: 8)
        #expect(outcome == Outcome(kind: .continues, fresh: [LineSample(12, "c")]))
    }

    @Test("parts of a line that was cut are matched, and its other parts are new")
    func parts() {
        let part = [UInt8](repeating: 0x61, count: LineLimits.partBytes)
        let first = LineSample(5, part, isTerminated: false)
        let outcome = Self.match(
            stored: [LineSample(4, "x"), first],
            replay: [LineSample(4, "x"), first, first, LineSample(5, "end"), LineSample(6, "y")])
        #expect(
            outcome
                == Outcome(
                    kind: .continues,
                    fresh: [first, LineSample(5, "end"), LineSample(6, "y")]))
    }

    @Test("rotation inside a long line: its tail has another timestamp and is no new line")
    func rotatedInsideLongLine() {
        let whole = [UInt8](repeating: 0x61, count: 40_000)
        let tail = Array(whole[16_384...])
        let outcome = Self.match(
            stored: [LineSample(4, "x"), LineSample(5, whole)],
            replay: [LineSample(6, tail), LineSample(7, "y")])
        #expect(outcome == Outcome(kind: .continues, fresh: [LineSample(7, "y")]))
    }

    @Test("a stamped tail of a line older than since is dropped")
    func stampedTail() {
        let whole = [UInt8](repeating: 0x61, count: 40_000)
        let tail = Array(whole[32_768...])
        let stored = [LineSample(4, whole), LineSample(9, "x")]
        let replay = [LineSample(8, tail), LineSample(9, "x"), LineSample(10, "y")]
        let outcome = Self.match(stored: stored, replay: replay, since: 8)
        #expect(outcome == Outcome(kind: .continues, fresh: [LineSample(10, "y")]))
    }

    @Test("a very long overlap is matched without being kept")
    func longOverlap() {
        let stored = (0..<200_000).map { LineSample(Int64($0), "line") }
        let fresh = [LineSample(200_000, "new")]
        #expect(
            Self.match(stored: stored, replay: stored + fresh, piece: 5000)
                == Outcome(kind: .continues, fresh: fresh))
        var differs = stored
        differs[150_000].bytes = [0x21]
        let outcome = Self.match(stored: stored, replay: differs + fresh, piece: 5000)
        #expect(outcome == Outcome(kind: .broken, fresh: Array(differs[150_000...]) + fresh))
    }

    /// The kubelet serves a file that starts somewhere in the log; what is stored ends somewhere.
    @Test(
        "nothing is lost or repeated without a gap, and no gap is reported without need",
        arguments: 0..<3000)
    func randomStreams(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let letters = Int.random(in: 1...6, using: &random)
        let log = (0..<Int.random(in: 1...30, using: &random)).map { _ in
            let value = Int.random(in: 0..<letters, using: &random)
            return LineSample(Int64(value / 2), "\(value)")
        }
        let storedEnd = Int.random(in: 1...log.count, using: &random)
        let fileStart = Int.random(in: 0...log.count, using: &random)
        let since = Int64.random(in: 0...1, using: &random)
        let stored = Array(log[..<storedEnd])
        let expected = stored.filter { $0.time >= since }
        let replay = log[fileStart...].filter { $0.time >= since }
        let outcome = Self.match(
            stored: stored, replay: replay, since: since,
            piece: Int.random(in: 1...4, using: &random))

        // The model: the longest beginning of the replay that is an end of what is expected.
        let overlap =
            (0...min(expected.count, replay.count)).reversed().first { count in
                Array(replay[..<count]) == Array(expected.suffix(count))
            } ?? 0
        let replayEndsInside =
            !expected.isEmpty
            && (0..<expected.count).contains { start in
                expected.count - start > replay.count
                    && Array(expected[start..<start + replay.count]) == replay
            }
        switch outcome.kind {
        case .continues:
            #expect(overlap > 0 || expected.isEmpty)
            #expect(outcome.fresh == Array(replay[overlap...]))
        case .broken:
            #expect(overlap == 0 && !expected.isEmpty)
            #expect(outcome.fresh == replay)
        case .unfinished:
            #expect(replayEndsInside)
        case .silent:
            #expect(replay.isEmpty)
        }
        if fileStart < storedEnd, !expected.isEmpty, !replay.isEmpty, outcome.kind == .broken {
            // The last stored line is in the file: then it is filtered, or this gap is a false one.
            #expect(!log[fileStart..<storedEnd].contains { $0.time >= since })
        }
    }

    @Test(
        "a replay that is cut in mid-line, before it reaches our last line, says nothing",
        arguments: 0..<12)
    func cutInside(length: Int) {
        let stored = ["abc", "abc", "abd", "x"].enumerated()
            .map { LineSample(Int64($0.offset / 2), $0.element) }
        let all: [UInt8] = stored.flatMap { (line: LineSample) -> [UInt8] in line.bytes + [0x0A] }
        // The first `length` bytes of the stored lines, as lines.
        var replay: [LineSample] = []
        for (index, bytes) in all[..<length].split(separator: 0x0A).enumerated() {
            replay.append(
                LineSample(
                    stored[index].time, Array(bytes),
                    isTerminated: bytes.endIndex < length))
        }
        let outcome = Self.match(stored: stored, replay: replay)
        #expect(outcome == Outcome(kind: replay.isEmpty ? .silent : .unfinished))
    }

    @Test("the last line without a newline is matched where it is stored, and new where it is not")
    func lastLineOpen() {
        let open = LineSample(9, "end", isTerminated: false)
        let stored = Self.lines("ab")
        #expect(
            Self.match(stored: stored + [open], replay: stored + [open])
                == Outcome(kind: .continues))
        #expect(
            Self.match(stored: stored, replay: stored + [open])
                == Outcome(kind: .continues, fresh: [open]))
        // Rotated: it is no beginning of what is stored.
        #expect(Self.match(stored: stored, replay: [open]) == Outcome(kind: .broken, fresh: [open]))
    }

    @Test("a cut inside a stamp that stood in a long line is a beginning of that line, too")
    func cutInsideInjectedStamp() {
        let record = [UInt8](repeating: 0x61, count: FragmentStamps.recordBytes)
        let whole = LineSample(5, record + record)
        let cut = LineSample(5, record + Array("2026-11-24T1".utf8), isTerminated: false)
        #expect(Self.match(stored: [whole], replay: [cut]) == Outcome(kind: .unfinished))
        let other = LineSample(
            5, record + [UInt8](repeating: 0x62, count: 40), isTerminated: false)
        #expect(
            Self.match(stored: [whole], replay: [other]) == Outcome(kind: .broken, fresh: [other]))
    }
}
