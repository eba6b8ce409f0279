import Kubernetes
import LogModel
import Testing

@testable import Capture

@Suite struct LineSplitterTests {
    /// Everything that a body gave, in comparable form.
    struct Found: Equatable {
        var lines: [LineSample] = []
        var untimed: [String] = []
        var heldBack: [LineSample] = []
        var left: String?
    }

    static func split(
        _ body: [UInt8], stamps: FragmentStamps = .none, cuts: [Int] = []
    ) -> Found {
        var splitter = LineSplitter(stamps: stamps)
        var found = Found()
        var start = 0
        for cut in cuts + [body.count] {
            for item in splitter.split(Array(body[start..<cut])) {
                switch item {
                case .lines(let batch): found.lines += batch.samples
                case .untimed(let text):
                    found.untimed.append(String(decoding: text.bytes, as: UTF8.self))
                }
            }
            start = cut
        }
        let remainder = splitter.finish()
        found.heldBack = remainder.heldBack.flatMap(\.samples)
        found.left = remainder.untimed.map { String(decoding: $0.bytes, as: UTF8.self) }
        return found
    }

    static func bytes(_ count: Int, _ letter: Character = "a") -> [UInt8] {
        [UInt8](repeating: letter.asciiValue ?? 0, count: count)
    }

    static func stamp(_ time: Int64) -> [UInt8] { LineSample(time, []).stamped.dropLast() }

    /// A line as kubelets before 1.26 send it: a stamp before each record, one nanosecond apart.
    static func injected(_ line: LineSample) -> [UInt8] {
        var result: [UInt8] = []
        for (record, start) in stride(from: 0, to: max(line.bytes.count, 1), by: 16_384)
            .enumerated()
        {
            result += stamp(line.time + Int64(record))
            result += line.bytes[start..<min(start + 16_384, line.bytes.count)]
        }
        return result + (line.isTerminated ? [0x0A] : [])
    }

    @Test(
        "timestamps of every form are read",
        arguments: [
            ("2026-11-23T18:30:20.422284631Z", 422_284_631),
            ("2026-11-23T18:30:20.42Z", 420_000_000),
            ("2026-11-23T18:30:20Z", 0), ("2026-11-23T20:30:20.000000001+02:00", 1),
            ("2026-11-23T13:00:20.5-05:30", 500_000_000), ("2026-11-23T18:30:20.000000009z", 9),
        ])
    func stampForms(stamp: String, nanoseconds: Int64) {
        let found = Self.split(Array("\(stamp) hello\n\(stamp) \n".utf8))
        let time = 1_795_458_620_000_000_000 + nanoseconds
        #expect(found == Found(lines: [LineSample(time, "hello"), LineSample(time, "")]))
    }

    @Test("a digit that is none is no timestamp", arguments: Array("/:aZ .\u{1}"))
    func badDigits(letter: Character) {
        let good = "2026-11-23T18:30:20.422284631Z x\n"
        for place in 20..<29 {
            var bad = Array(good)
            bad[place] = letter
            let found = Self.split(Array((good + String(bad)).utf8))
            #expect(found.lines.count == 1)
            #expect(found.untimed == [String(String(bad).dropLast())])
        }
    }

    @Test("carriage returns, escapes and bytes that are not UTF-8 are kept")
    func bytesAreKept() {
        let lines = [
            LineSample(1, "50%\r100%\r"), LineSample(2, [0xFF, 0x00, 0x1B, 0x5B]),
            LineSample(3, ""),
        ]
        #expect(Self.split(lines.flatMap(\.stamped)) == Found(lines: lines))
    }

    @Test("no newline at the end: the line is held back")
    func noNewlineAtTheEnd() {
        let last = LineSample(2, "no newline at end", isTerminated: false)
        let found = Self.split(LineSample(1, "a").stamped + last.stamped)
        #expect(found == Found(lines: [LineSample(1, "a")], heldBack: [last]))
    }

    @Test("200 with error text: it is told from lines")
    func errorText() {
        let text = "unable to retrieve container logs for containerd://1234"
        #expect(Self.split(Array(text.utf8)) == Found(left: text))
        let body = LineSample(1, "a").stamped + Array("failed to create fsnotify watcher".utf8)
        #expect(
            Self.split(body)
                == Found(lines: [LineSample(1, "a")], left: "failed to create fsnotify watcher"))
    }

    @Test("a line without timestamp after a resume is told from lines")
    func untimedFirstLine() {
        var splitter = LineSplitter()
        let items = splitter.split(Array("tail of a long line\n".utf8) + LineSample(1, "a").stamped)
        guard items.count == 2, case .untimed(let text) = items[0] else {
            Issue.record("expected text without a timestamp first")
            return
        }
        #expect(text.isFirst && text.isTerminated && text.text == "tail of a long line")
    }

    @Test("the pieces of a long text without a timestamp are the first of their body together")
    func untimedPieces() {
        var splitter = LineSplitter()
        var found: [UntimedText] = []
        let piece = Self.bytes(LineLimits.partBytes)
        let rest = Array("end\n".utf8) + LineSample(1, "a").stamped + Array("x\n".utf8)
        for chunk in [piece, piece, rest] {
            for case .untimed(let text) in splitter.split(chunk) { found.append(text) }
        }
        #expect(found.map(\.isFirst) == [true, true, true, false])
        #expect(found.map(\.isTerminated) == [false, false, true, true])
    }

    @Test("a timestamp that was cut is thrown away", arguments: 1...30)
    func cutStamp(length: Int) {
        let body = LineSample(1, "a").stamped
        #expect(
            Self.split(body + body.prefix(length)) == Found(lines: [LineSample(1, "a")]))
    }

    @Test(
        "a line over the limit comes in parts that join to the same bytes",
        arguments: [0, 1, 2, 1 << 20, (1 << 20) + 1, 19 << 20], [FragmentStamps.none, .everywhere])
    func parts(over: Int, stamps: FragmentStamps) {
        let long = LineSample(7, Self.bytes(LineLimits.partBytes - 1 + over))
        let wire = stamps == .none ? long.stamped : Self.injected(long)
        let body = wire + LineSample(9, "next").stamped
        let cuts = Array(stride(from: 100_000, to: body.count, by: 100_000))
        for cuts in [[], cuts] {
            let lines = Self.split(body, stamps: stamps, cuts: cuts).lines
            let parts = lines.dropLast()
            #expect(parts.flatMap(\.bytes) == long.bytes)
            #expect(parts.allSatisfy { $0.time == 7 })
            #expect(parts.dropLast().allSatisfy { $0.bytes.count == LineLimits.partBytes })
            #expect(parts.map(\.isTerminated).firstIndex(of: true) == parts.count - 1)
            #expect(parts.count == (long.bytes.count - 1) / LineLimits.partBytes + 1)
            #expect(lines.last == LineSample(9, "next"))
        }
    }

    @Test(
        "timestamps inside a long line are removed exactly",
        arguments: [1, 16_383, 16_384, 16_385, 20_000, 32_768, 40_000, 3 << 20])
    func injectedStamps(length: Int) {
        for isTerminated in [true, false] {
            let line = LineSample(7, Self.bytes(length), isTerminated: isTerminated)
            let wire = Self.injected(line)
            for stamps in [FragmentStamps.everywhere, .plausible] {
                let found = Self.split(
                    wire, stamps: stamps, cuts: Array(stride(from: 7, to: wire.count, by: 5001)))
                #expect((found.lines + found.heldBack).flatMap(\.bytes) == line.bytes)
            }
        }
    }

    @Test("what kubelet 1.20.2 sent for lines of many lengths comes out as it was printed")
    func seenOnKubelet120() {
        let base: Int64 = 1_795_458_620_422_284_631
        let printed = [16_383, 16_384, 16_385, 32_768, 40_000, 0, 20_000, 5].enumerated().map {
            LineSample(base + Int64($0.offset) * 1000, Self.bytes($0.element))
        }
        let found = Self.split(printed.flatMap(Self.injected), stamps: .everywhere)
        #expect(found == Found(lines: printed))
        // stdout's record, stderr's whole line, stdout's rest.
        let glued =
            Self.stamp(1) + Self.bytes(16_384, "c") + Self.stamp(2) + Array("between\n".utf8)
            + Self.stamp(3) + Self.bytes(8292, "d") + [0x0A]
        #expect(
            Self.split(glued, stamps: .everywhere).lines == [
                LineSample(1, Self.bytes(16_384, "c") + Array("between".utf8)),
                LineSample(3, Self.bytes(8292, "d")),
            ])
    }

    @Test("text that looks like a stamp is kept where no kubelet would put one")
    func stampLikeText() {
        let stamp = Self.stamp(5)
        let line = LineSample(
            7, Self.bytes(100) + stamp + Self.bytes(16_384 - 131) + stamp + [0x62])
        #expect(Self.split(line.stamped, stamps: .none).lines == [line])
        // Earlier than the line: not one of its records.
        #expect(Self.split(line.stamped, stamps: .plausible).lines == [line])
        let inside = LineSample(7, Self.bytes(100) + stamp + Self.bytes(20_000))
        #expect(Self.split(Self.injected(inside), stamps: .everywhere).lines == [inside])
    }

    @Test("the cut into chunks never changes the result", arguments: 0..<300)
    func randomChunks(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let stamps: FragmentStamps = [.none, .everywhere, .plausible][Int(seed % 3)]
        var body: [UInt8] = []
        for time in 0..<Int64.random(in: 1...12, using: &random) {
            let lengths = [0...3, 0...200, 16_380...16_390, 32_760...32_775, 1_048_570...1_048_580]
            let pick = Int.random(in: 0..<100, using: &random)
            let range = lengths[pick < 50 ? 0 : pick < 80 ? 1 : pick < 90 ? 2 : pick < 98 ? 3 : 4]
            let line = LineSample(time * 1000, Self.bytes(Int.random(in: range, using: &random)))
            switch Int.random(in: 0..<10, using: &random) {
            case 0: body += line.bytes + [0x0A]
            case 1...4: body += Self.injected(line)
            default: body += line.stamped
            }
        }
        body.removeLast(Int.random(in: 0...min(40, body.count), using: &random))
        let whole = Self.split(body, stamps: stamps)
        let cuts = (0..<Int.random(in: 1...20, using: &random)).map { _ in
            Int.random(in: 0...body.count, using: &random)
        }.sorted()
        let parts = Self.split(body, stamps: stamps, cuts: cuts)
        #expect(parts.lines == whole.lines)
        #expect(
            parts.untimed.joined() + (parts.left ?? "") == whole.untimed.joined()
                + (whole.left ?? ""))
        #expect(parts.heldBack == whole.heldBack)
    }

    @Test(
        "the kubelet's version tells what it does",
        arguments: [
            ("v1.20.2", FragmentStamps.everywhere), ("v1.23.13", .everywhere), ("v1.23.14", .none),
            ("v1.24.7+k3s1", .everywhere), ("v1.24.8", .none), ("v1.25.3", .everywhere),
            ("v1.25.4-gke.100", .none), ("v1.26.0", .none), ("v1.36.2", .none), ("v2.0.0", .none),
            ("", .plausible), ("latest", .plausible),
        ])
    func versions(version: String, stamps: FragmentStamps) {
        #expect(FragmentStamps(kubelet: KubeletVersion(version)) == stamps)
    }
}
