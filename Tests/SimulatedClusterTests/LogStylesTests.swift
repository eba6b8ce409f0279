import LogModel
import SimulatedCluster
import Testing

/// The styles that make a log hard to carry.
struct LogStylesTests {
    private static func text(_ change: (inout LogScript) -> Void) -> LogText {
        var script = LogScript()
        script.lines = nil
        change(&script)
        return LogText(seed: 7, container: "main", attempt: 0, script: script)
    }

    @Test func `all lines of a repeated burst are the same bytes`() {
        let text = Self.text {
            $0.style = .repeated
            $0.burst = 3
        }
        #expect(text.line(0) == text.line(1) && text.line(1) == text.line(2))
        #expect(text.line(3) != text.line(2))
        #expect(text.line(3) == text.line(5))
        #expect(text.line(4).count == 79)
    }

    @Test func `a mixed log has everything`() {
        let text = Self.text {
            $0.style = .mixed
            $0.outputToken = "T"
        }
        let count = 70_000
        var found: [String: Int] = [:]
        var bytes = 0
        for n in 0..<count {
            let length = text.length(of: n)
            bytes += length + 1
            if length > 1 << 20 { found["long", default: 0] += 1 }
            if length > 16 << 10 {
                found["records", default: 0] += 1
                continue
            }
            let line = text.line(n)
            #expect(line.count == length)
            #expect(!line.contains(UInt8(ascii: "\n")))
            if line.isEmpty { found["empty", default: 0] += 1 }
            if line.contains(UInt8(ascii: "\r")) { found["progress", default: 0] += 1 }
            if line.starts(with: "\u{1B}[3".utf8) { found["colours", default: 0] += 1 }
            if line.starts(with: "JOB_OUT[T] mixed.".utf8) { found["outputs", default: 0] += 1 }
            if String(validating: line, as: UTF8.self) == nil { found["binary", default: 0] += 1 }
        }
        #expect((1...8).contains(found["long"] ?? 0))
        #expect((90...190).contains(found["records"] ?? 0))
        for kind in ["empty", "progress", "binary"] {
            #expect((3_500...5_500).contains(found[kind] ?? 0), "\(kind)")
        }
        #expect((8_000...9_500).contains(found["colours"] ?? 0))
        #expect((950...1_250).contains(found["outputs"] ?? 0))
        #expect(text.bytes(of: 0..<count) == bytes)
        let average = bytes / count
        #expect((text.nominalLength / 2...text.nominalLength * 2).contains(average))
    }

    @Test func `a long mixed line says its number`() throws {
        let text = Self.text { $0.style = .mixed }
        let n = try #require((0..<10_000).first { text.length(of: $0) > 16 << 10 })
        let line = text.line(n)
        #expect(line.count == text.length(of: n))
        let number = "0000000000\(n)".suffix(10)
        #expect(line.starts(with: "line \(number) ".utf8))
    }

    @Test(arguments: [LogScript.Style.plain, .repeated, .pipeline, .mixed])
    func `the bytes of lines are those of each line`(style: LogScript.Style) {
        let text = Self.text {
            $0.style = style
            $0.lines = 40
            $0.outputs = [ScriptedOutput("a", "1"), ScriptedOutput("b", "22")]
            $0.endsWithNewline = false
        }
        for range in [0..<42, 0..<40, 3..<41, 40..<42, 41..<42, 5..<5] {
            let sum = range.reduce(0) { $0 + text.line($1).count + ($1 == 41 ? 0 : 1) }
            #expect(text.bytes(of: range) == sum, "\(range)")
        }
    }

    @Test func `lines of the same time are counted as one`() {
        var script = LogScript()
        script.burst = 4
        script.rate = 8
        script.hasSameTime = true
        let start = LogTime(seconds: 1_700_000_000)
        let schedule = LogSchedule(start: start, script: script)
        #expect((0..<4).allSatisfy { schedule.time(of: $0) == start })
        #expect((4..<8).allSatisfy { schedule.time(of: $0) == start + .milliseconds(500) })
        #expect(schedule.count(at: start) == 4)
        #expect(schedule.count(at: start + .milliseconds(499)) == 4)
        #expect(schedule.count(at: start + .milliseconds(500)) == 8)
        #expect(schedule.firstLine(since: start) == 0)
        #expect(schedule.firstLine(since: start + .nanoseconds(1)) == 4)
    }

    @Test func `annotations choose them`() async throws {
        let world = TestWorld()
        let made = try await world.post([
            "metadata": [
                "name": "p",
                "annotations": [
                    "sim.podwire.dev/style": "repeated", "sim.podwire.dev/burst": "5",
                    "sim.podwire.dev/same-time": "true", "sim.podwire.dev/disorder": "0s",
                    "sim.podwire.dev/rotate-interval": "1s", "sim.podwire.dev/outputs": "",
                ],
            ],
            "spec": ["containers": [["name": "main"]]],
        ])
        #expect(made.status == 201)
        world.pass(.seconds(1))
        let log = try await world.get("/api/v1/namespaces/default/pods/p/log?timestamps=true")
        let lines = log.read().split(separator: "\n")
        #expect(lines.count == 10)
        #expect(Set(lines).count == 2)
    }
}
