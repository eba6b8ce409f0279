import ByteBlocks
import Foundation
import HTTPClient
import Kubernetes
import LogModel
import Logging
import ScriptedHTTP
import Store
import Testing

@testable import Capture

/// The whole way from the API server to the store, over real sockets.
@Suite struct DispatcherTests {
    struct Stored: Equatable {
        var text: String
        var gaps: Int
        var isEnded: Bool
        var exitCode: Int?
    }

    private struct NoCredentials: CredentialSource {
        func authorization() async throws -> Credential { Credential() }
        func invalidate(_ used: Credential) async {}
    }

    private struct OneJob: JobDirectory {
        let store: Store

        func job(of pod: Pod) async throws -> JobOfPod {
            let key = JobKey(namespace: "n", workflow: "w", job: "j")
            let job = JobRow(uid: "u", key: key, status: .running, createdAt: .now)
            return JobOfPod(row: try await store.write { try $0.upsert(job) })
        }
    }

    private struct Ends: StreamObserver {
        let ended: AsyncStream<StreamID>.Continuation
        func streamEnded(_ id: StreamID) async { ended.yield(id) }
    }

    /// Follows `pod` until `count` streams have ended, and returns what is stored, by attempt.
    static func capture(_ pod: FakePod, ends count: Int = 1) async throws -> [Stored] {
        let directory =
            FileManager.default.temporaryDirectory.path + "/capture-\(UUID().uuidString)"
        let logger = Logger(label: "test")
        let server = try ScriptedServer { pod.answer($0) }
        let http = try HTTPClient(logger: logger)
        let store = try Store.open(directory: directory, settings: StoreSettings(), logger: logger)
        let access = ClusterAccess(
            server: server.url, transport: HTTPTransport(), namespace: "n", name: "test",
            credentials: NoCredentials())
        let (ended, continuation) = AsyncStream<StreamID>.makeStream()
        var settings = DispatcherSettings()
        settings.follower.firstBackoff = .milliseconds(2)
        settings.follower.longestBackoff = .milliseconds(20)
        settings.follower.statusLag = .milliseconds(10)
        let dispatcher = Dispatcher(
            client: KubernetesClient(access: access, http: http, logger: logger), store: store,
            jobs: OneJob(store: store), observer: Ends(ended: continuation), settings: settings,
            logger: logger)
        let running = Task { await dispatcher.run() }
        await dispatcher.observe(.replaced([try pod.object()], namespace: nil))
        var left = count
        for await _ in ended {
            left -= 1
            if left == 0 { break }
        }
        running.cancel()
        await running.value
        var result: [Stored] = []
        let streams = try await store.streams(StreamQuery(namespace: "n", pod: "p"))
        for stream in streams.sorted(by: { $0.id.attempt < $1.id.attempt }) {
            var text = ""
            var line: Int64 = 0
            while let batch = try await store.batch(stream: stream.row, at: line) {
                text += batch.batch.text.text
                line = batch.next
            }
            result.append(
                Stored(
                    text: text, gaps: stream.gaps, isEnded: stream.state == .ended,
                    exitCode: stream.exitCode))
        }
        await store.close()
        await http.close()
        server.stop()
        try FileManager.default.removeItem(atPath: directory)
        return result
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
        #expect(pod.served[1]["sinceTime"] == "2026-11-23T18:30:18Z")
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
}
