import ByteBlocks
import LogModel
import SimulatedCluster
import Testing
import WebServer

/// One request and the lines it must be answered with.
struct LogCursorCase: Sendable, CustomTestStringConvertible {
    let query: String
    let lines: [Int]
    var testDescription: String { query }
}

struct LogCursorTests {
    private static let start = LogTime(seconds: 1_700_000_000)

    /// Ten lines, one every half second from `start` on.
    private static func log(_ change: (inout LogScript) -> Void = { _ in }) -> InstanceLog {
        var script = LogScript()
        script.lines = 10
        script.rate = 2
        change(&script)
        let text = LogText(seed: 1, container: "main", attempt: 0, script: script)
        return InstanceLog(
            InstanceIdentity(pod: PodKey("default", "p"), uid: "u", container: "main"),
            text: text, script: script, start: start)
    }

    private static func read(
        _ query: String, _ log: InstanceLog, at now: LogTime = start + .seconds(60)
    ) throws -> String {
        let request = try ServerRequest(target: "/log?\(query)")
        let progress = log.progress(at: now)
        var cursor = LogCursor(
            try LogQuery(request.query, pod: "p"), text: log.text, stamps: log.stamps,
            progress: progress, kubelet: log.kubelet, now: now)
        var text = ""
        while let block = cursor.next(upTo: progress.written) { text += block.text }
        return text
    }

    private static func expected(_ lines: [Int], _ log: InstanceLog) -> String {
        lines.map { String(decoding: log.text.line($0), as: UTF8.self) + "\n" }.joined()
    }

    @Test(arguments: [
        LogCursorCase(query: "", lines: Array(0..<10)),
        LogCursorCase(query: "tailLines=3", lines: [7, 8, 9]),
        LogCursorCase(query: "tailLines=0", lines: []),
        LogCursorCase(query: "tailLines=99", lines: Array(0..<10)),
        LogCursorCase(query: "sinceTime=2023-11-14T22:13:23Z", lines: [6, 7, 8, 9]),
        LogCursorCase(query: "sinceTime=2023-11-14T22:13:23.9Z", lines: [6, 7, 8, 9]),
        LogCursorCase(query: "sinceTime=2023-11-14T23:13:23%2B01:00", lines: [6, 7, 8, 9]),
        LogCursorCase(query: "sinceSeconds=57", lines: [6, 7, 8, 9]),
        LogCursorCase(query: "tailLines=2&sinceTime=2023-11-14T22:13:23Z", lines: [8, 9]),
        LogCursorCase(query: "tailLines=8&sinceTime=2023-11-14T22:13:23Z", lines: [6, 7, 8, 9]),
        LogCursorCase(query: "sinceTime=2030-01-01T00:00:00Z", lines: []),
    ])
    func `tail, then since`(_ one: LogCursorCase) throws {
        let log = Self.log()
        #expect(try Self.read(one.query, log) == Self.expected(one.lines, log))
    }

    @Test func `limitBytes comes last and may cut a line`() throws {
        let log = Self.log()
        let all = Self.expected([8, 9], log)
        #expect(try Self.read("tailLines=2&limitBytes=100", log) == String(all.prefix(100)))
        #expect(try Self.read("limitBytes=1", log) == "l")
    }

    @Test func `timestamps have nine digits and count for limitBytes`() throws {
        let log = Self.log()
        let text = try Self.read("tailLines=1&timestamps=true", log)
        #expect(text == "2023-11-14T22:13:24.500000000Z " + Self.expected([9], log))
        #expect(
            try Self.read("tailLines=1&timestamps=true&limitBytes=31", log)
                == "2023-11-14T22:13:24.500000000Z ")
    }

    @Test func `a log that grows is served up to the present line`() throws {
        let log = Self.log()
        let now = Self.start + .milliseconds(1_400)
        #expect(try Self.read("", log, at: now) == Self.expected([0, 1, 2], log))
    }

    @Test func `the last line may lack its newline`() throws {
        let log = Self.log { $0.endsWithNewline = false }
        #expect(try Self.read("", log) == String(Self.expected(Array(0..<10), log).dropLast()))
    }

    @Test func `tailLines counts the records of long lines`() throws {
        let log = Self.log {
            $0.bytes = 40_000
            $0.lines = 3
        }
        let line = Self.expected([2], log)
        #expect(try Self.read("tailLines=3", log) == line)
        #expect(try Self.read("tailLines=1", log) == String(line.dropFirst(32_768)))
        #expect(
            try Self.read("tailLines=4", log) == Self.expected([1], log).dropFirst(32_768) + line)
    }

    @Test func `only the newest file is served after a rotation`() throws {
        let log = Self.log {
            $0.lines = 100_000
            $0.rate = 1_000
            $0.fileBytes = 100_000
        }
        let before = log.progress(at: Self.start + .seconds(9))
        #expect(before.first == 0)
        let after = log.progress(at: Self.start + .seconds(25))
        #expect(after.first == 20_001)
        #expect(after.written == 25_001)
        let text = try Self.read("limitBytes=15", log, at: Self.start + .seconds(25))
        #expect(text == "line 0000020001")
    }

    @Test(arguments: [
        (
            "tailLines=-1", 422,
            "PodLogOptions \"p\" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0"
        ),
        (
            "limitBytes=0", 422,
            "PodLogOptions \"p\" is invalid: limitBytes: Invalid value: 0: must be greater than 0"
        ),
        (
            "sinceSeconds=0", 422,
            "PodLogOptions \"p\" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0"
        ),
        ("tailLines=x", 400, "strconv.ParseInt: parsing \"x\": invalid syntax"),
    ])
    func `bad parameters are refused`(query: String, code: Int, message: String) throws {
        let request = try ServerRequest(target: "/log?\(query)")
        let error = #expect(throws: StatusError.self) { _ = try LogQuery(request.query, pod: "p") }
        #expect(error?.code == code)
        #expect(error?.message == message)
    }

    @Test func `sinceTime and sinceSeconds together are refused`() throws {
        let request = try ServerRequest(
            target: "/log?sinceSeconds=1&sinceTime=2023-11-14T22:13:23Z")
        let error = #expect(throws: StatusError.self) { _ = try LogQuery(request.query, pod: "p") }
        #expect(error?.code == 422)
    }

    @Test(arguments: [("follow", true), ("follow=true", true), ("follow=0", false)])
    func `a flag is true unless it says false`(query: String, isSet: Bool) throws {
        let request = try ServerRequest(target: "/log?\(query)")
        #expect(try LogQuery(request.query, pod: "p").follow == isSet)
    }
}
