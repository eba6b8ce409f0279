import Foundation
import Kubernetes
import LogModel
import Logging
import StatusModel
import Store
import Testing

@testable import StatusFetcher

@Suite("The StatusFetcher on a real store")
struct StatusFetcherTests {
    /// A fetcher that runs on a store in a directory of its own.
    func withFetcher(
        in directory: URL = FileManager.default.temporaryDirectory
            .appendingPathComponent("podwire-status-\(UUID().uuidString)"),
        keep: Bool = false, _ body: (StatusFetcher, Store) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let store = try Store.open(
            directory: directory.path, settings: StoreSettings(), logger: logger)
        let fetcher = StatusFetcher(store: store, mapping: JobMapping(), logger: logger)
        try await fetcher.restore()
        let running = Task { await fetcher.run() }
        do {
            try await body(fetcher, store)
        } catch {
            running.cancel()
            await running.value
            await store.close()
            throw error
        }
        running.cancel()
        await running.value
        await store.close()
        if !keep { try FileManager.default.removeItem(at: directory) }
    }

    /// Waits until all that was observed is written: a question is answered in order.
    func settle(_ fetcher: StatusFetcher) async throws {
        _ = try await fetcher.job(of: PodFixture.pod("settled-\(UUID().uuidString)"))
    }

    /// The events of job `p`, as `type value` texts.
    func feed(_ store: Store) async throws -> [String] {
        try await store.events(after: 0, limit: 1_000).filter { $0.key.job == "p" }.map { event in
            let data = try JSONSerialization.jsonObject(with: Data(event.data))
            let fields = data as? [String: Any]
            let value = fields?["to"] ?? fields?["outcome"] ?? ""
            return "\(event.type.rawValue.split(separator: ".").last ?? "") \(value)"
        }
    }

    private func openStream(_ fetcher: StatusFetcher, _ store: Store) async throws -> StreamWriter {
        let job = try await fetcher.job(of: PodFixture.running())
        return try await store.openStream(
            StreamDescriptor(
                id: StreamID(podUID: "uid-p", container: "main", attempt: 0),
                namespace: "default", pod: "p", kind: .main, job: job.row))
    }

    @Test("a job's end comes after its log is complete, and only once")
    func endAfterLog() async throws {
        try await withFetcher { fetcher, store in
            await fetcher.observe(.updated(PodFixture.running()))
            let stream = try await openStream(fetcher, store)
            await fetcher.observe(.updated(PodFixture.ended()))
            try await settle(fetcher)
            #expect(try await feed(store) == ["status running"])
            try await stream.end(exitCode: 0, reason: "Completed")
            await fetcher.streamEnded(StreamID(podUID: "uid-p", container: "main", attempt: 0))
            await fetcher.streamEnded(StreamID(podUID: "uid-p", container: "main", attempt: 0))
            try await settle(fetcher)
            #expect(try await feed(store) == ["status running", "status end", "end success"])
        }
    }

    @Test("a workflow has started when its first job has, not when that is scheduled")
    func workflowStart() async throws {
        try await withFetcher { fetcher, store in
            func started() async throws -> LogTime? {
                try await settle(fetcher)
                return try await store.read {
                    try $0.workflow(namespace: "default", name: "p")?.startedAt
                }
            }
            await fetcher.observe(.updated(PodFixture.pod(node: "n")))
            let scheduled = try await started()
            #expect(scheduled == nil)
            await fetcher.observe(.updated(PodFixture.running()))
            let running = try await started()
            #expect(running == LogTime(seconds: 1010))
        }
    }

    @Test("a job's end does not wait for a container that does not count and runs on")
    func endBesideProxy() async throws {
        try await withFetcher { fetcher, store in
            func pod(exitCode: Int?) -> Pod {
                CountingContainersTests.pod(
                    [("main", exitCode), ("istio-proxy", nil)], phase: "Running")
            }
            await fetcher.observe(.updated(pod(exitCode: nil)))
            let stream = try await openStream(fetcher, store)
            let job = try await fetcher.job(of: pod(exitCode: nil))
            let proxy = StreamID(podUID: "uid-p", container: "istio-proxy", attempt: 0)
            let open = try await store.openStream(
                StreamDescriptor(
                    id: proxy, namespace: "default", pod: "p", kind: .main, job: job.row))
            await fetcher.observe(.updated(pod(exitCode: 0)))
            try await settle(fetcher)
            #expect(try await feed(store) == ["status running"], "its own log comes first")
            try await stream.end(exitCode: 0, reason: "Completed")
            await fetcher.streamEnded(StreamID(podUID: "uid-p", container: "main", attempt: 0))
            try await settle(fetcher)
            let all = ["status running", "status end", "end success"]
            #expect(try await feed(store) == all)
            // The proxy is killed in the end; the job has long been over.
            try await open.end(exitCode: 137, reason: "Error")
            await fetcher.streamEnded(proxy)
            await fetcher.observe(
                .updated(
                    CountingContainersTests.pod(
                        [("main", 0), ("istio-proxy", 137)], phase: "Failed")))
            await fetcher.observe(PodEvent.replaced([], namespace: nil))
            try await settle(fetcher)
            #expect(try await feed(store) == all)
        }
    }

    @Test("an end event has outputs up to its bound, the smallest first, and names the others")
    func boundedEndEvent() async throws {
        try await withFetcher { fetcher, store in
            await fetcher.observe(.updated(PodFixture.running()))
            let stream = try await openStream(fetcher, store)
            let values: [(String, Int)] = [("large", 900_000), ("medium", 200_000), ("tiny", 1)]
            var builder = LineBatchBuilder()
            for _ in values {
                Array("x".utf8).withUnsafeBytes { builder.add($0, time: 1, newline: true) }
            }
            let made = builder.take()
            let lines = try #require(made)
            try await stream.append(
                lines,
                outputs: values.enumerated().map { index, value in
                    FoundOutput(
                        line: index,
                        result: .accepted(
                            key: value.0, value: [UInt8](repeating: 0x76, count: value.1)))
                })
            await fetcher.observe(.updated(PodFixture.ended()))
            try await stream.end(exitCode: 0, reason: "Completed")
            await fetcher.streamEnded(StreamID(podUID: "uid-p", container: "main", attempt: 0))
            try await settle(fetcher)
            let event = try #require(
                try await store.events(after: 0, limit: 100).last { $0.type == .jobEnd })
            let data = try #require(
                try JSONSerialization.jsonObject(with: Data(event.data)) as? [String: Any])
            let outputs = try #require(data["outputs"] as? [String: String])
            #expect(outputs.mapValues(\.count) == ["medium": 200_000, "tiny": 1])
            #expect(data["outputsOmitted"] as? [String] == ["large"])
        }
    }

    @Test("a Pod that never had a container ends at once")
    func endWithoutLog() async throws {
        try await withFetcher { fetcher, store in
            await fetcher.observe(
                .updated(PodFixture.pod(phase: "Failed", node: "n", reason: "Evicted")))
            try await settle(fetcher)
            #expect(try await feed(store) == ["status pending", "status end", "end failure"])
        }
    }

    @Test("a Pod that is asked for when its job has ended and left the book begins no other run")
    func lateQuestion() async throws {
        try await withFetcher { fetcher, store in
            let pod = PodFixture.pod(phase: "Failed", node: "n", reason: "Evicted")
            await fetcher.observe(.updated(pod))
            await fetcher.observe(.deleted(pod))
            try await settle(fetcher)
            let told = try await feed(store)
            #expect(told.last == "end failure")
            let job = try await fetcher.job(of: pod)
            try await settle(fetcher)
            let stored = try await store.read { try $0.job(uid: "uid-p") }
            #expect(stored?.id == job.row)
            #expect(stored?.status == .end)
            #expect(try await feed(store) == told)
        }
    }

    @Test("after a restart nothing is told twice, and what was missed is told")
    func restart() async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("podwire-status-\(UUID().uuidString)")
        defer {
            #expect(throws: Never.self) { try FileManager.default.removeItem(at: directory) }
        }
        try await withFetcher(in: directory, keep: true) { fetcher, store in
            await fetcher.observe(PodEvent.replaced([PodFixture.running()], namespace: nil))
            _ = try await openStream(fetcher, store)
        }
        try await withFetcher(in: directory, keep: true) { fetcher, store in
            await fetcher.observe(PodEvent.replaced([PodFixture.running()], namespace: nil))
            try await settle(fetcher)
            #expect(try await feed(store) == ["status running"])
            let stream = try await openStream(fetcher, store)
            try await stream.end(exitCode: nil, reason: nil)
            // The Pod went away while nobody watched.
            await fetcher.observe(PodEvent.replaced([], namespace: nil))
            try await settle(fetcher)
            #expect(try await feed(store) == ["status running", "status end", "end canceled"])
        }
    }

    @Test("a log that nobody had asked for when the daemon was killed holds up no end for ever")
    func streamNeverOpened() async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("podwire-status-\(UUID().uuidString)")
        try await withFetcher(in: directory, keep: true) { fetcher, _ in
            await fetcher.observe(PodEvent.replaced([PodFixture.running()], namespace: nil))
            try await settle(fetcher)
        }
        try await withFetcher(in: directory) { fetcher, store in
            // The Pod went away while nobody watched.
            await fetcher.observe(PodEvent.replaced([], namespace: nil))
            try await settle(fetcher)
            #expect(try await feed(store) == ["status running"])
            // Capture finds the stream, and ends it.
            let id = StreamID(podUID: "uid-p", container: "main", attempt: 0)
            let found = try await store.streams(StreamQuery(id: id))
            #expect(found.map(\.state) == [StreamState.live])
            let stream = try await store.openStream(
                StreamDescriptor(id: id, namespace: "default", pod: "p", kind: .main))
            try await stream.end(exitCode: nil, reason: nil)
            await fetcher.streamEnded(id)
            try await settle(fetcher)
            #expect(try await feed(store) == ["status running", "status end", "end canceled"])
        }
    }

    @Test(
        "a Job that starts a Pod again after its job has ended and left the book goes on as that job",
        arguments: [false, true])
    func startedAgain(afterRestart: Bool) async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("podwire-status-\(UUID().uuidString)")
        func owned(_ name: String) -> Pod {
            PodFixture.pod(
                name,
                owner: Pod.OwnerReference(
                    apiVersion: "batch/v1", kind: "Job", name: "p", uid: "job-p", controller: true))
        }
        func first(_ fetcher: StatusFetcher) async throws {
            await fetcher.unavailable("forbidden", namespace: nil)
            await fetcher.observe(.updated(owned("p-1")))
            await fetcher.observe(.deleted(owned("p-1")))
            try await settle(fetcher)
        }
        func second(_ fetcher: StatusFetcher, _ store: Store) async throws {
            await fetcher.unavailable("forbidden", namespace: nil)
            await fetcher.observe(.updated(owned("p-2")))
            try await settle(fetcher)
            let events = try await feed(store)
            #expect(events == ["status pending", "status end", "end canceled", "status pending"])
            let row = try await store.read { try $0.job(uid: "job-p") }
            #expect(row?.attempt == 2)
            #expect(row?.status == .pending)
            await fetcher.observe(.deleted(owned("p-2")))
            try await settle(fetcher)
            #expect(try await feed(store) == events + ["status end", "end canceled"])
        }
        if afterRestart {
            try await withFetcher(in: directory, keep: true) { fetcher, _ in
                try await first(fetcher)
            }
            try await withFetcher(in: directory, second)
        } else {
            try await withFetcher(in: directory) { fetcher, store in
                try await first(fetcher)
                try await second(fetcher, store)
            }
        }
    }

    @Test("a job alone that runs is no workflow that has ended to who cancels it")
    func cancelOfAJobAlone() async throws {
        try await withFetcher { fetcher, _ in
            await fetcher.observe(.updated(PodFixture.running()))
            try await settle(fetcher)
            let refusal = await #expect(throws: WorkflowRefusal.self) {
                try await fetcher.carryOut(.cancel, namespace: "default", name: "p")
            }
            #expect(refusal?.kind == .conflict)
            #expect(refusal?.description.hasPrefix("nobody has declared this workflow") == true)
        }
    }

    @Test("a thousand Pods that end at once are told in a few commits")
    func burst() async throws {
        try await withFetcher { fetcher, store in
            let pods = (0..<1_000).map { number in
                PodFixture.pod("b\(number)", phase: "Failed", node: "n", reason: "Evicted")
            }
            await fetcher.observe(PodEvent.replaced(pods, namespace: nil))
            try await settle(fetcher)
            let events = try await store.events(after: 0, limit: 100_000)
            #expect(events.filter { $0.type == .jobEnd }.count == 1_000)
            let sequences = events.map(\.sequence)
            #expect(sequences == sequences.sorted())
        }
    }
}
