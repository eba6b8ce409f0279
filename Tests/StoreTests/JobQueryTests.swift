import LogModel
import Testing

@testable import Store

@Suite struct JobQueryTests {
    @Test func jobsAreListedNewestFirstPageByPage() async throws {
        try await StoreFixture.with { store, _ in
            try await store.write { transaction in
                for number in 0..<5 {
                    var job = JobRow.sample(uid: "j\(number)")
                    job.status = number == 2 ? .end : .running
                    job.outcome = number == 2 ? .failure : nil
                    job.exitCode = number == 2 ? 7 : nil
                    try transaction.upsert(job)
                }
            }
            let first = try await store.read { try $0.jobs(JobQuery(limit: 2)) }
            #expect(first.map(\.uid) == ["j4", "j3"])
            let rest = try await store.read { [before = first[1].id] in
                try $0.jobs(JobQuery(limit: 10, before: before))
            }
            #expect(rest.map(\.uid) == ["j2", "j1", "j0"])
            #expect(rest[0].outcome == .failure && rest[0].exitCode == 7)
            let ended = try await store.read { try $0.jobs(JobQuery(status: .end)) }
            #expect(ended.map(\.uid) == ["j2"])
            let open = try await store.read { try $0.jobsNotEnded() }
            #expect(open.map(\.uid) == ["j0", "j1", "j3", "j4"])
            let latest = try await store.read { try $0.job(key: .sample) }
            #expect(latest?.uid == "j4")
        }
    }

    @Test func aJobHasALiveStreamUntilItsLastOneEnds() async throws {
        try await StoreFixture.with { store, _ in
            let job = try await store.write { try $0.upsert(JobRow.sample(uid: "j")) }
            func isLive() async throws -> Bool {
                try await store.read { try $0.hasLiveStream(ofJob: job) }
            }
            let before = try await isLive()
            let first = try await store.openStream(.named("a", job: job))
            let second = try await store.openStream(.named("b", job: job))
            try await first.end(exitCode: 0, reason: nil)
            let between = try await isLive()
            try await second.end(exitCode: 0, reason: nil)
            let after = try await isLive()
            #expect([before, between, after] == [false, true, false])
        }
    }

    @Test func aNameInSeveralWorkflowsHasSeveralCandidates() async throws {
        try await StoreFixture.with { store, _ in
            try await store.write { transaction in
                for (uid, workflow) in [("1", "a"), ("2", "b"), ("3", "a")] {
                    try transaction.upsert(
                        .sample(
                            uid: uid,
                            key: JobKey(namespace: "n", workflow: workflow, job: "build")))
                }
            }
            let found = try await store.read { try $0.candidates(namespace: "n", job: "build") }
            #expect(found.map(\.uid) == ["3", "2"])
        }
    }

    @Test func rowsKeepEverythingThatWasWritten() async throws {
        try await StoreFixture.with { store, _ in
            var workflow = WorkflowRow(
                uid: "w", namespace: "n", name: "nightly", status: .pending,
                createdAt: LogTime(seconds: 1))
            workflow.plan = Array(#"{"stages":[]}"#.utf8)
            let id = try await store.write { [workflow] in try $0.upsert(workflow) }
            workflow.id = id
            workflow.status = .end
            workflow.outcome = .success
            workflow.endedAt = LogTime(seconds: 2)
            let known = try await store.write { [workflow] transaction in
                var update = workflow
                update.plan = nil
                return try transaction.upsert(update)
            }
            #expect(known == id)
            let stored = try await store.read { try $0.workflow(namespace: "n", name: "nightly") }
            #expect(stored == workflow)

            let pod = PodRow(
                uid: "p", namespace: "n", name: "pod", job: 3, node: "node", phase: "Running",
                createdAt: LogTime(seconds: 1), defaultContainer: "main",
                containers: [
                    ContainerRow(name: "setup", kind: .`init`),
                    ContainerRow(name: "main", kind: .main),
                ])
            try await store.write { try $0.upsert(pod) }
            #expect(try await store.read { try $0.pods(namespace: "n", name: "pod") } == [pod])
            #expect(try await store.read { try $0.pods(ofJob: 3) } == [pod])
            #expect(try await store.read { try $0.pods(namespace: nil) } == [pod])
            #expect(
                try await store.read { try $0.pods(namespace: "n", after: ("n", "pod", "p")) }
                    .isEmpty)

            let consumer = ConsumerRow(
                name: "engine", filter: Array("{}".utf8), acknowledged: 4,
                createdAt: LogTime(seconds: 1))
            try await store.write { try $0.upsert(consumer) }
            #expect(try await store.read { try $0.consumer("engine") } == consumer)
            try await store.write { try $0.deleteConsumer("engine") }
            #expect(try await store.read { try $0.consumers() }.isEmpty)
        }
    }

    @Test func theStreamsOfANewerPodComeFirst() async throws {
        try await StoreFixture.with { store, _ in
            for (pod, created) in [("old", Int64(1)), ("new", 2)] {
                try await store.write { transaction in
                    try transaction.upsert(
                        PodRow(
                            uid: pod, namespace: "n", name: "same", phase: "Running",
                            createdAt: LogTime(seconds: created)))
                }
            }
            for (uid, attempt) in [("new", 0), ("old", 0), ("new", 1)] {
                _ = try await store.openStream(
                    StreamDescriptor(
                        id: StreamID(podUID: uid, container: "c", attempt: attempt),
                        namespace: "n", pod: "same", kind: .main))
            }
            let streams = try await store.streams(StreamQuery(namespace: "n", pod: "same"))
            #expect(streams.map(\.id.description) == ["new/c/1", "new/c/0", "old/c/0"])
        }
    }

    @Test func onlyAnEndedStreamLosesItsLinesAndItsRowStays() async throws {
        try await StoreFixture.with { store, _ in
            let writer = try await store.openStream(.named("d"))
            try await writer.append(try batch(["line"]))
            try await writer.committed()
            let error = await #expect(throws: StoreError.self) {
                try await store.deleteLines(ofStreams: [writer.row])
            }
            #expect(error?.code == .rejected)
            try await writer.end(exitCode: 0, reason: nil)
            let ended = try await store.streamsEnded(before: LogTime.now, limit: 10)
            #expect(ended.map(\.row) == [writer.row])
            try await store.deleteLines(ofStreams: [writer.row])
            let info = try #require(try await store.streams(StreamQuery()).first)
            #expect(info.deletedAt != nil && info.lines == 0)
            #expect(try await store.batch(stream: writer.row, at: 0) == nil)
            #expect(try await store.streamsEnded(before: LogTime.now, limit: 10).isEmpty)
            #expect(try await store.usedBytes() > 0)
        }
    }
}
