import LogModel
import ScriptedHTTP
import Store
import Testing

@testable import Capture

/// The whole way from the API server to the store, over real sockets.
@Suite(.timeLimit(.minutes(5))) struct DispatcherTests {
    typealias Stored = CaptureRun.Stored

    static func capture(_ pod: FakePod, ends count: Int = 1) async throws -> [Stored] {
        try await CaptureRun().capture(pod, ends: count)
    }

    static func text(_ lines: ClosedRange<Int>) -> String {
        lines.map { "line \($0)\n" }.joined()
    }

    static func complete(_ lines: ClosedRange<Int>) -> Stored {
        Stored(text: text(lines), gaps: 0, isEnded: true, exitCode: 0)
    }

    @Test("clean end in mid-run")
    func cleanEnd() async throws {
        let pod = FakePod(
            .running(restarts: 0),
            [
                .lines([1, 2, 3]), .lines([1, 2, 3, 4, 5], then: .terminated(restarts: 0)),
                .lines([1, 2, 3, 4, 5, 6]),
            ])
        #expect(try await Self.capture(pod) == [Self.complete(1...6)])
        #expect(pod.served.map { $0["follow"] != nil } == [true, true, false, false])
        #expect(pod.served.dropFirst().first?["sinceTime"] == "2026-11-23T18:30:18Z")
    }

    @Test("a body that is cut in the middle of a line")
    func cutInMidLine() async throws {
        let pod = FakePod(
            .running(restarts: 0),
            [
                .lines([1, 2], partial: String(FakePod.line(3).dropLast(3)), .cut),
                .lines([1, 2, 3, 4], then: .terminated(restarts: 0)), .lines([1, 2, 3, 4]),
            ])
        #expect(try await Self.capture(pod) == [Self.complete(1...4)])
    }

    @Test("204, then logs · 400, then logs · the kubelet's 404, then logs · 500 and 429, then logs")
    func refusals() async throws {
        let pod = FakePod(
            .running(restarts: 0),
            [
                .refusal(204), .refusal(400, "container c in pod p is waiting to start: Creating"),
                .refusal(404, kind: "pods/log", "the server could not find the requested resource"),
                .refusal(500, "dial tcp: i/o timeout"),
                .refusal(429, "too many requests", fields: ["Retry-After: 0"]),
                .lines([1, 2], then: .terminated(restarts: 0)), .lines([1, 2]),
            ])
        #expect(try await Self.capture(pod) == [Self.complete(1...2)])
    }

    @Test("rotation just before the exit: what the last read brings is kept, behind a gap record")
    func rotationBeforeExit() async throws {
        let pod = FakePod(
            .running(restarts: 0),
            [.lines([1, 2, 3], then: .terminated(restarts: 0)), .lines([4, 5])])
        let stored = try await Self.capture(pod)
        #expect(stored.map(\.gaps) == [1])
        let lines = stored.map(\.text).joined().split(separator: "\n")
        #expect(
            lines.filter { $0.hasPrefix("line") }.joined(separator: "\n") + "\n" == Self.text(1...5)
        )
        #expect(lines.count == 6 && lines[3].hasPrefix("--- podwire: lines may be missing"))
    }

    @Test("timestamps out of order across a second: a line is new by its place, not by its time")
    func outOfOrder() async throws {
        let pod = FakePod(
            .running(restarts: 0),
            [
                .lines([1, 2, 30], .cut), .lines([30, 25, 31], then: .terminated(restarts: 0)),
                .lines([1, 2, 30, 25, 31]),
            ])
        let text = [1, 2, 30, 25, 31].map { "line \($0)\n" }.joined()
        #expect(
            try await Self.capture(pod) == [Stored(text: text, gaps: 0, isEnded: true, exitCode: 0)]
        )
    }

    @Test("rotation while disconnected that leaves the last line in the file is no gap")
    func rotationWithOverlap() async throws {
        let pod = FakePod(
            .running(restarts: 0),
            [
                .lines([1, 2, 3], .cut), .lines([3, 4], then: .terminated(restarts: 0)),
                .lines([3, 4]),
            ])
        #expect(try await Self.capture(pod) == [Self.complete(1...4)])
    }

    @Test("200 with error text is kept out of the log")
    func errorText() async throws {
        let pod = FakePod(
            .running(restarts: 0),
            [
                .lines([1], partial: "failed to create fsnotify watcher: too many open files"),
                .lines([1, 2], then: .terminated(restarts: 0)), .lines([1, 2]),
            ])
        #expect(try await Self.capture(pod) == [Self.complete(1...2)])
    }

    @Test("a line without timestamp after a resume is not stored again")
    func untimedTail() async throws {
        let second = FakePod.Step(
            answer: .body("tail of an older line\n" + [2, 3].map(FakePod.line).joined()),
            then: .terminated(restarts: 0))
        let pod = FakePod(
            .running(restarts: 0), [.lines([1, 2], .cut), second, .lines([1, 2, 3])])
        #expect(try await Self.capture(pod) == [Self.complete(1...3)])
    }

    @Test("no newline at the end")
    func noNewline() async throws {
        let partial = String(FakePod.line(3).dropLast())
        let pod = FakePod(.terminated(restarts: 0), [.lines([1, 2], partial: partial)])
        let text = String(Self.text(1...3).dropLast())
        #expect(
            try await Self.capture(pod) == [Stored(text: text, gaps: 0, isEnded: true, exitCode: 0)]
        )
    }

    @Test("a container that restarted: the earlier instance is read with previous")
    func restart() async throws {
        let pod = FakePod(.terminated(restarts: 1), [.lines([1, 2])])
        #expect(
            try await Self.capture(pod, ends: 2) == [Self.complete(1...2), Self.complete(1...2)])
        #expect(pod.served.contains { $0["previous"] == "true" && $0["follow"] == nil })
    }

    @Test("a container that restarted twice while nobody was there: its first stream ends in a gap")
    func restartsUnseen() async throws {
        let pod = FakePod(.terminated(restarts: 2), [.lines([1, 2])])
        var run = CaptureRun()
        run.earlier = [
            StreamDescriptor(
                id: StreamID(podUID: "u", container: "c", attempt: 0), namespace: "n", pod: "p",
                kind: .main)
        ]
        let stored = try await run.capture(pod, ends: 3)
        #expect(stored.map(\.gaps) == [1, 0, 0])
        #expect(stored.first?.isEnded == true)
        #expect(stored.first?.text.contains("started again before its log was read") == true)
        #expect(stored.dropFirst() == [Self.complete(1...2), Self.complete(1...2)])
    }

    @Test("a Pod that is deleted in mid-run: a gap record, then the end")
    func deletion() async throws {
        let pod = FakePod(
            .running(restarts: 0), [.lines([1, 2], .cut), .lines([1, 2], then: .gone)])
        let stored = try await Self.capture(pod)
        #expect(stored.map(\.gaps) == [1] && stored.map(\.isEnded) == [true])
        #expect(stored.first?.text.hasPrefix(Self.text(1...2)) == true)
    }

    @Test("container restarts between status and request: the new instance's lines are not ours")
    func restartBeforeResume() async throws {
        let pod = FakePod(
            .running(restarts: 0),
            [
                .lines([1, 2, 3]), .lines([101, 102], then: .running(restarts: 1)),
                .lines([1, 2, 3, 4]),
            ])
        #expect(try await Self.capture(pod) == [Self.complete(1...4)])
        #expect(pod.served.dropFirst(2).allSatisfy { $0["previous"] == "true" })
    }

    @Test("a container that ran for a while before anyone came: a gap record at the start")
    func lateJoin() async throws {
        let pod = FakePod(
            .terminated(restarts: 0), startedAt: LogTime(seconds: 1_795_458_620 - 60),
            [.lines([1, 2])])
        let stored = try await Self.capture(pod)
        #expect(stored.map(\.gaps) == [1])
        #expect(
            stored.first?.text.hasPrefix("--- podwire: lines may be missing between the start")
                == true)
        #expect(stored.first?.text.hasSuffix(Self.text(1...2)) == true)
    }

    @Test("the node's clock was set back while nobody followed: nothing is lost, nothing twice")
    func clockSetBack() async throws {
        let pod = FakePod(
            .running(restarts: 0),
            [
                .lines([1, 2, 3], .cut, then: .terminated(restarts: 0)),
                .lines([1, 2, -70, 3, -68]),
            ])
        let stored = try await Self.capture(pod)
        let lines = stored.map(\.text).joined().split(separator: "\n")
        #expect(lines.count == 6)
        #expect(lines[..<3] == ["line 1", "line 2", "line 3"])
        #expect(lines[3].hasPrefix("--- podwire: lines missing") && lines[3].contains("clock"))
        #expect(lines[4...] == ["line -70", "line -68"])
        #expect(stored.map(\.gaps) == [1])
    }

    @Test("a last line without newline that came whole is kept when nothing can confirm it")
    func heldBackBeforeLoss() async throws {
        let partial = String(FakePod.line(3).dropLast())
        let pod = FakePod(
            .running(restarts: 0),
            [
                .lines([1, 2], partial: partial, then: .terminated(restarts: 0)),
                .lines([]), .lines([], then: .gone),
            ])
        let stored = try #require(try await Self.capture(pod).first)
        #expect(stored.text.hasPrefix(Self.text(1...2) + "line 3--- podwire: "))
        #expect(stored.gaps == 1 && stored.text.contains("--- podwire: lines may be missing"))
    }

    @Test("a piece of a line is not kept when its container ran on and nothing follows")
    func pieceBeforeLoss() async throws {
        let partial = String(FakePod.line(3).dropLast(3))
        let pod = FakePod(
            .running(restarts: 0),
            [.lines([1, 2], partial: partial), .lines([], then: .gone)])
        let stored = try #require(try await Self.capture(pod).first)
        #expect(stored.text.hasPrefix(Self.text(1...2) + "--- podwire: "))
    }

    @Test("a piece of a line that was cut is not kept when nothing follows")
    func cutPieceBeforeLoss() async throws {
        let partial = String(FakePod.line(3).dropLast(3))
        let pod = FakePod(
            .running(restarts: 0),
            [.lines([1, 2], partial: partial, .cut), .lines([], then: .gone)])
        let stored = try #require(try await Self.capture(pod).first)
        #expect(stored.text.hasPrefix(Self.text(1...2) + "--- podwire: "))
    }
}
