import ByteBlocks
import LogModel
import SimulatedCluster
import Testing
import WebServer

/// Timestamps that are out of order, and filters that look at each record.
struct LogStampsTests {
    private static let start = LogTime(seconds: 1_700_000_000)

    private static func log(
        start: LogTime = start, kubelet: String = "v1.33.1",
        _ change: (inout LogScript) -> Void
    ) throws -> InstanceLog {
        var script = LogScript()
        script.rate = 100
        change(&script)
        let text = LogText(seed: 1, container: "main", attempt: 0, script: script)
        return InstanceLog(
            InstanceIdentity(pod: PodKey("default", "p"), uid: "u", container: "main"),
            text: text, script: script, start: start,
            kubelet: try #require(KubeletVersion(kubelet)))
    }

    private static func read(_ query: String, _ log: InstanceLog) throws -> String {
        let now = start + .seconds(3_600)
        let request = try ServerRequest(target: "/log?timestamps=true&\(query)")
        let progress = log.progress(at: now)
        var cursor = LogCursor(
            try LogQuery(request.query, pod: "p"), text: log.text, stamps: log.stamps,
            progress: progress, kubelet: log.kubelet, now: now)
        var text = ""
        while let block = cursor.next(upTo: progress.written) {
            text += block.text
        }
        return text
    }

    // MARK: - Disorder

    @Test func `about one line in eight is stamped too early, by at most the disorder`() throws {
        let log = try Self.log { $0.disorder = .seconds(2) }
        let early = (0..<8_000).compactMap { n -> Duration? in
            let place = Self.start + .milliseconds(10 * n)
            let stamp = log.stamps.time(of: n)
            #expect(stamp <= place && stamp >= Self.start)
            return stamp == place ? nil : place - stamp
        }
        #expect((900...1_100).contains(early.count))
        #expect(early.allSatisfy { $0 <= .seconds(2) })
        #expect(early.contains { $0 > .milliseconds(1_900) })
    }

    @Test(arguments: [0, 1, 3, 4, 7, 12])
    func `the filter looks at each line, wherever it stands`(second: Int64) throws {
        let log = try Self.log {
            $0.lines = 1_000
            $0.disorder = .milliseconds(1_500)
        }
        let since = LogTime(seconds: Self.start.wholeSeconds + second)
        let expected = (0..<1_000).filter { log.stamps.time(of: $0) >= since }
            .map {
                "\(log.stamps.time(of: $0)) " + String(decoding: log.text.line($0), as: UTF8.self)
            }
        let time = since.wholeSecondsText
        let lines = try Self.read("sinceTime=\(time)", log).split(separator: "\n").map(String.init)
        #expect(lines == expected)
        if (1..<9).contains(second) {
            let isWhole = expected.count == 1_000 - Int(second) * 100
            #expect(!isWhole, "some line behind the second is stamped before it")
        }
    }

    @Test func `lines that the filter leaves out are no part of what was sent`() async throws {
        let world = TestWorld()
        try world.create("p") {
            $0.log.rate = 100
            $0.log.lines = 1_000
            $0.log.disorder = .milliseconds(500)
        }
        world.pass(.seconds(20))
        let time = (world.clock.now - .seconds(15)).wholeSecondsText
        let text = try await world.get(
            "/api/v1/namespaces/default/pods/p/log?sinceTime=\(time)"
        ).read()
        let numbers = text.split(separator: "\n").compactMap { Int($0.dropFirst(5).prefix(10)) }
        let runs = try await world.truth("p")["bodies"]?.elements ?? []
        #expect(runs.count > 1)
        let told = runs.flatMap { ($0["from"]?.int ?? 0)..<($0["to"]?.int ?? 0) }
        #expect(told == numbers)
    }

    // MARK: - A resume in the middle of a line

    /// One line of three records whose first is stamped 1 ns before a full second.
    private static func straddling(_ kubelet: String) throws -> InstanceLog {
        try log(start: LogTime(nanoseconds: start.nanoseconds - 1), kubelet: kubelet) {
            $0.lines = 2
            $0.bytes = 40_001
        }
    }

    private static let since = "sinceTime=2023-11-14T22:13:20Z"

    @Test func `a kubelet of today sends the rest of the line without a stamp`() throws {
        let log = try Self.straddling("v1.33.1")
        let line = String(decoding: log.text.line(0), as: UTF8.self)
        let text = try Self.read(Self.since, log)
        #expect(text.hasPrefix(line.dropFirst(16_384) + "\n2023-11-14T22:13:20.009999999Z line "))
        #expect(text.utf8.count == 40_001 - 16_384 + 40_001 + 31)
    }

    @Test func `an old kubelet sends the rest of the line with a stamp before each record`() throws
    {
        let log = try Self.straddling("v1.20.2")
        let line = String(decoding: log.text.line(0), as: UTF8.self)
        let text = try Self.read(Self.since, log)
        #expect(
            text.hasPrefix(
                "2023-11-14T22:13:20.000000000Z " + line.dropFirst(16_384).prefix(16_384)
                    + "2023-11-14T22:13:20.000000001Z " + line.dropFirst(32_768)
                    + "\n2023-11-14T22:13:20.009999999Z line "))
    }

    @Test(arguments: ["v1.33.1", "v1.20.2"])
    func `a tail in the middle of a line starts with the stamp of its first record`(
        kubelet: String
    ) throws {
        let log = try Self.straddling(kubelet)
        let line = String(decoding: log.text.line(1), as: UTF8.self)
        let inner = kubelet == "v1.20.2" ? "2023-11-14T22:13:20.010000001Z " : ""
        #expect(
            try Self.read("tailLines=2", log)
                == "2023-11-14T22:13:20.010000000Z " + line.dropFirst(16_384).prefix(16_384)
                + inner + line.dropFirst(32_768) + "\n")
    }

    @Test func `half a line at the start is no part of what was sent`() async throws {
        let world = TestWorld()
        try world.create("p") {
            $0.log.lines = 3
            $0.log.bytes = 40_001
        }
        world.pass(.seconds(5))
        let log = "/api/v1/namespaces/default/pods/p/log"
        _ = try await world.get(log + "?tailLines=4").read()
        let bodies = try await world.truth("p")["bodies"]?.elements ?? []
        #expect(bodies.map { $0["from"] } == [2])
        #expect(bodies.map { $0["to"] } == [3])
    }
}
