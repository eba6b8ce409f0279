import Foundation
import LogModel
import Logging
import Store
import Testing

@testable import Capture

/// Output lines that are cut: by a gap, by the end, by a daemon that stops inside them.
@Suite struct CutOutputTests {
    private static let part = 1 << 20

    /// A store with a job, a stream of it, and a writer that looks for outputs.
    private func withStream(
        _ body: (Store, StreamDescriptor) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/cut-\(UUID().uuidString)"
        let store = try Store.open(
            directory: directory, settings: StoreSettings(), logger: Logger(label: "test"))
        let job = try await store.write { transaction in
            try transaction.upsert(
                JobRow(
                    uid: "j", key: JobKey(namespace: "n", workflow: "w", job: "j"),
                    status: .running, createdAt: .now))
        }
        let stream = StreamDescriptor(
            id: StreamID(podUID: "u", container: "c", attempt: 0), namespace: "n", pod: "p",
            kind: .main, job: job)
        do {
            try await body(store, stream)
        } catch {
            await store.close()
            try FileManager.default.removeItem(atPath: directory)
            throw error
        }
        await store.close()
        try FileManager.default.removeItem(atPath: directory)
    }

    /// A writer as a follow has it when it takes the stream up.
    private func takeUp(_ stream: StreamDescriptor, in store: Store) async throws -> MultiWriter {
        let writer = try await store.openStream(stream)
        var extractor = OutputExtractor(token: nil)
        try await extractor.resume(behind: writer)
        return MultiWriter(store: writer, storedBytes: 0, extractor: extractor)
    }

    private func lines(_ text: String, isTerminated: Bool = true) throws -> LineBatch {
        let batch = LineBatch.of([LineSample(5, Array(text.utf8), isTerminated: isTerminated)])
        return try #require(batch)
    }

    /// The first part of an output line, 1 MiB.
    private func beginning(_ text: String = "JOB_OUT key=") throws -> LineBatch {
        let filling = String(repeating: "v", count: Self.part - text.utf8.count)
        return try lines(text + filling, isTerminated: false)
    }

    /// What the store has: `key=bytes` and `!line reason`.
    private func found(_ store: Store) async throws -> [String] {
        try await store.read { snapshot in
            guard let job = try snapshot.job(uid: "j") else { return [] }
            return try snapshot.outputs(ofJob: job.id).map { "\($0.key)=\($0.value.count)" }
                + snapshot.rejected(ofJob: job.id).map { "!\($0.line) \($0.reason)" }
        }
    }

    @Test("a daemon that comes back inside an output line puts it together")
    func resumed() async throws {
        try await withStream { store, stream in
            var first = try await takeUp(stream, in: store)
            try await first.append(try lines("before"))
            try await first.append(try beginning())
            try await first.store.committed()
            var second = try await takeUp(stream, in: store)
            try await second.append(try lines("end"))
            try await second.append(try lines("JOB_OUT next=1"))
            try await second.end(InstanceState.End(exitCode: 0))
            #expect(try await found(store) == ["key=\(Self.part - 12 + 3)", "next=1"])
        }
    }

    @Test("and rejects it when its value is too long")
    func resumedTooLong() async throws {
        try await withStream { store, stream in
            var first = try await takeUp(stream, in: store)
            try await first.append(try beginning())
            try await first.append(try beginning("more"))
            try await first.store.committed()
            var second = try await takeUp(stream, in: store)
            try await second.append(try lines("end"))
            try await second.end(InstanceState.End(exitCode: 0))
            #expect(try await found(store) == ["!2 the value is longer than 1 MiB"])
        }
    }

    @Test("a daemon that comes back inside a line that is no output makes none of it")
    func resumedInOtherLine() async throws {
        try await withStream { store, stream in
            var first = try await takeUp(stream, in: store)
            try await first.append(try beginning("some text"))
            try await first.store.committed()
            var second = try await takeUp(stream, in: store)
            try await second.append(try lines("JOB_OUT key=1"))
            try await second.append(try lines("JOB_OUT other=1"))
            try await second.end(InstanceState.End(exitCode: 0))
            #expect(try await found(store) == ["other=1"])
        }
    }

    @Test("no line is put together across a gap", arguments: [false, true])
    func acrossGap(isResumed: Bool) async throws {
        try await withStream { store, stream in
            var writer = try await takeUp(stream, in: store)
            try await writer.append(try beginning())
            _ = try await writer.append(gap: .possible, until: .now, reason: "rotated")
            if isResumed {
                try await writer.store.committed()
                writer = try await takeUp(stream, in: store)
            }
            try await writer.append(try lines("JOB_OUT next=1"))
            try await writer.end(InstanceState.End(exitCode: 0))
            #expect(try await found(store) == ["next=1", "!0 the end of the line is missing"])
        }
    }

    @Test("an output line whose end never comes is rejected")
    func neverEnds() async throws {
        try await withStream { store, stream in
            var writer = try await takeUp(stream, in: store)
            try await writer.append(try lines("before"))
            try await writer.append(try beginning())
            try await writer.end(InstanceState.End(exitCode: 137))
            #expect(try await found(store) == ["!1 the end of the line is missing"])
        }
    }

    @Test(
        "a token is taken to the letter",
        arguments: [
            "", "]", "a] b", "[", " ", "\u{1F511}", "a=b", String(repeating: "t", count: 250_000),
        ])
    func oddTokens(token: String) throws {
        var extractor = OutputExtractor(token: token)
        let text = [
            "JOB_OUT k=0", "JOB_OUT[x] k=1", "JOB_OUT[\(token)] k=2", "JOB_OUT[\(token)]k=3",
        ]
        let batch = try #require(LineBatch.of(text.map { LineSample(1, Array($0.utf8)) }))
        let found = extractor.scan(batch)
        #expect(found.map(\.line) == [2])
        guard case .accepted("k", [UInt8(ascii: "2")]) = found.first?.result else {
            Issue.record("not an output: \(found)")
            return
        }
    }

    @Test("a token with a line break is in no line")
    func tokenWithLineBreak() throws {
        var extractor = OutputExtractor(token: "a\nb")
        let text = ["JOB_OUT[a", "b] k=1", "JOB_OUT k=1", "JOB_OUT[a b] k=1"]
        let batch = try #require(LineBatch.of(text.map { LineSample(1, Array($0.utf8)) }))
        #expect(extractor.scan(batch).isEmpty)
    }

    @Test("only main containers that count put something out")
    func kinds() {
        let job = JobOfPod(row: 1, outputContainers: ["main"])
        for kind in [ContainerKind.`init`, .sidecar, .ephemeral] {
            #expect(!job.takesOutputs(from: "main", kind))
        }
        #expect(job.takesOutputs(from: "main", .main))
        #expect(!job.takesOutputs(from: "istio-proxy", .main))
        #expect(JobOfPod(row: 1).takesOutputs(from: "any", .main))
    }
}
