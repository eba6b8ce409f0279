import Foundation
import GRDB
import LogModel
import Testing

@testable import Store

@Suite("Outputs within their bounds")
struct OutputTableTests {
    /// A store with one job and an open stream of it.
    private func withStream(
        _ body: (Store, StreamWriter, _ job: Int64) async throws -> Void
    ) async throws {
        try await StoreFixture.with { store, _ in
            let job = try await store.write { try $0.upsert(.sample(uid: "j")) }
            try await body(store, try await store.openStream(.named("a", job: job)), job)
        }
    }

    /// Appends as many lines as results, each with its result.
    private func append(_ results: [FoundOutput.Result], to writer: StreamWriter) async throws {
        let lines = try batch(results.map { _ in "x" })
        try await writer.append(
            lines,
            outputs: results.enumerated().map { FoundOutput(line: $0, result: $1) })
        try await writer.committed()
    }

    private func value(_ key: String, _ count: Int = 1) -> FoundOutput.Result {
        .accepted(key: key, value: [UInt8](repeating: 0x76, count: count))
    }

    @Test("the first rejected lines are kept, all are counted")
    func manyRejected() async throws {
        try await withStream { store, writer, job in
            let bad = [FoundOutput.Result](repeating: .rejected(reason: "bad"), count: 2_500)
            try await append(bad, to: writer)
            try await append(bad, to: writer)
            let rejected = try await store.read { try $0.rejected(ofJob: job, limit: 10_000) }
            #expect(rejected.map(\.line) == Array(0..<Int64(OutputLimits.rejectedRows)))
            #expect(try await store.read { try $0.totals(ofJob: job) }.rejected == 5_000)
        }
    }

    @Test("a line that is rejected again after a crash counts once")
    func rejectedTwice() async throws {
        try await withStream { store, writer, job in
            try await append([value("a")], to: writer)
            for _ in 0..<2 { try await writer.reject(line: 0, reason: "cut") }
            try await writer.committed()
            let rejected = try await store.read { try $0.rejected(ofJob: job) }
            #expect(rejected == [RejectedRow(stream: writer.row, line: 0, reason: "cut")])
            #expect(try await store.read { try $0.totals(ofJob: job) }.rejected == 1)
        }
    }

    @Test("beyond the bound of keys only known keys get values")
    func manyKeys() async throws {
        try await withStream { store, writer, job in
            try await append((0..<OutputLimits.keys).map { value("k\($0)") }, to: writer)
            try await append([value("new"), value("k7", 3)], to: writer)
            let totals = try await store.read { try $0.totals(ofJob: job) }
            #expect(totals.outputs == OutputLimits.keys && totals.rejected == 1)
            let outputs = try await store.read { try $0.outputs(ofJob: job) }
            #expect(outputs.count == OutputLimits.keys)
            #expect(outputs.first { $0.key == "k7" }?.value.count == 3)
            let rejected = try await store.read { try $0.rejected(ofJob: job) }
            #expect(rejected.map(\.reason) == ["the job has 10000 keys already"])
            let events = try await store.events(after: 0, limit: 20_000)
            #expect(events.count == OutputLimits.keys + 1, "what is rejected is no event")
        }
    }

    @Test("beyond the bound of bytes a value is rejected, and what makes room is taken")
    func manyBytes() async throws {
        try await withStream { store, writer, job in
            let mebibyte = 1 << 20
            for key in 0..<63 { try await append([value("k\(key)", mebibyte)], to: writer) }
            // Together with their keys these are a little more than 63 MiB.
            try await append(
                [value("last", mebibyte), value("k0", 2), value("last", mebibyte)], to: writer)
            let outputs = try await store.read { try $0.outputs(ofJob: job) }
            #expect(outputs.first { $0.key == "k0" }?.value.count == 2)
            #expect(outputs.first { $0.key == "last" }?.line == 65)
            let rejected = try await store.read { try $0.rejected(ofJob: job) }
            #expect(rejected.map(\.reason) == ["the job's outputs are more than 64 MiB"])
            #expect(rejected.map(\.line) == [63])
        }
    }

    @Test(
        "a bounded reading takes the smallest and names the others", arguments: [0, 1, 6, 18, 99])
    func bounded(bytes: Int) async throws {
        try await withStream { store, writer, job in
            try await append([value("c", 1), value("b", 3), value("a", 11)], to: writer)
            let read = try await store.read { try $0.outputs(ofJob: job, upTo: bytes) }
            let expected: [Int: ([String], [String])] = [
                0: ([], ["a", "b", "c"]), 1: ([], ["a", "b", "c"]), 6: (["b", "c"], ["a"]),
                18: (["a", "b", "c"], []), 99: (["a", "b", "c"], []),
            ]
            #expect(read.outputs.map(\.key) == expected[bytes]?.0)
            #expect(read.omitted == expected[bytes]?.1)
            #expect(read.outputs.allSatisfy { !$0.value.isEmpty })
        }
    }

    @Test("of several streams' values of one key the one that is committed last wins")
    func lastWins() async throws {
        try await withStream { store, writer, job in
            let other = try await store.openStream(.named("b", job: job))
            try await append([value("k", 1), value("k", 2)], to: writer)
            try await append([value("k", 3)], to: other)
            try await append([value("k", 4)], to: writer)
            let output = try await store.read { try $0.outputs(ofJob: job) }.first
            #expect(output?.value.count == 4 && output?.stream == writer.row)
            let events = try await store.events(after: 0, limit: 10)
            #expect(output?.sequence == events.last?.sequence)
        }
    }

    @Test("an older database gets its counts")
    func migration() async throws {
        let fixture = StoreFixture()
        try FileManager.default.createDirectory(
            atPath: fixture.directory, withIntermediateDirectories: false)
        let queue = try DatabaseQueue(path: fixture.directory + "/podwire.db")
        try StoreSchema.migrator.migrate(queue, upTo: "2 webhooks")
        try await queue.write { db in
            for (job, key) in [(1, "a"), (1, "ä"), (2, "b")] {
                try db.execute(
                    sql: "INSERT INTO output VALUES (?, ?, x'010203', 1, 0, 0)",
                    arguments: [job, key])
            }
            for line in 0..<4 {
                try db.execute(sql: "INSERT INTO rejected VALUES (2, 1, \(line), 'r')")
            }
            try db.execute(sql: "INSERT INTO rejected VALUES (3, 1, 0, 'r')")
        }
        try queue.close()
        let store = try fixture.open()
        for (job, outputs, rejected) in [(1, 2, 0), (2, 1, 4), (3, 0, 1)] {
            let totals = try await store.read { try $0.totals(ofJob: Int64(job)) }
            #expect(totals.outputs == outputs && totals.rejected == rejected)
        }
        await store.close()
        let again = try DatabaseQueue(path: fixture.directory + "/podwire.db")
        let bytes = try await again.read {
            try Int.fetchOne($0, sql: "SELECT bytes FROM outputCount WHERE job = 1")
        }
        #expect(bytes == 3 + 1 + 3 + 2)
        try again.close()
        try fixture.remove()
    }
}
