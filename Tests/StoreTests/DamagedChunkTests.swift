import ByteBlocks
import Foundation
import GRDB
import LogModel
import Testing

@testable import Store

@Suite struct DamagedChunkTests {
    @Test func searchesEndWhereChunksAreMissing() async throws {
        try await StoreFixture.with({
            $0.recentBytes = 0
            $0.chunkBytes = 8
        }) { store, fixture in
            let writer = try await store.openStream(.named("a"))
            try await writer.append(try batch(["line one", "line two", "line three"]))
            try await writer.end(exitCode: 0, reason: nil)
            let other = try DatabaseQueue(path: fixture.directory + "/podwire.db")
            try await other.write {
                try $0.execute(
                    sql: "UPDATE chunk SET firstLine = firstLine + 1000 WHERE firstLine = 2")
            }
            try other.close()
            let stream = writer.row
            #expect(try await store.line(stream: stream, atOrAfter: LogTime(seconds: 3)) == 1002)
            // By newlines the last line is the third, whatever number it claims.
            #expect(try await store.tailStart(stream: stream, count: 1).line == 2)
        }
    }

    /// What a bad disk may leave in a chunk's row, where SQLite's own structure is whole.
    @Test(arguments: [
        "lines = 9223372036854775807", "lines = -1", "lines = 0", "lines = 3", "lines = 1",
        "bytes = 9223372036854775807", "bytes = -1", "bytes = 1 << 40", "bytes = 11",
        "firstLine = -9223372036854775808", "firstByte = 9223372036854775807",
        "firstByte = -1", "firstNewline = 9223372036854775807", "lines = 'two'",
        "text = x'28B52FFD'", "text = x''", "times = x''", "times = x'0180'",
        "text = zeroblob(100000)",
    ])
    func everyReadIsAnErrorNotACrash(damage: String) async throws {
        try await StoreFixture.with({ $0.recentBytes = 0 }) { store, fixture in
            let writer = try await store.openStream(.named("a"))
            try await writer.append(try batch(["hello", "world"]))
            try await writer.end(exitCode: 0, reason: nil)
            let other = try DatabaseQueue(path: fixture.directory + "/podwire.db")
            try await other.write { try $0.execute(sql: "UPDATE chunk SET \(damage)") }
            try other.close()
            let stream = writer.row
            let reads: [(String, () async throws -> Void)] = [
                ("batch", { _ = try await store.batch(stream: stream, at: 0) }),
                ("second line", { _ = try await store.batch(stream: stream, at: 1) }),
                (
                    "text",
                    {
                        _ = try store.packedBlocking(stream: stream, lines: 0..<2, bytes: 1 << 20)?
                            .unpackBlocks()
                    }
                ),
                ("frames", { _ = try await store.frames(stream: stream, lines: 0..<2) }),
                (
                    "place",
                    { _ = try await store.place(stream: stream, from: 0, ofByte: 7) }
                ),
                ("tail", { _ = try await store.tailStart(stream: stream, count: 1).line }),
                (
                    "time",
                    {
                        _ = try await store.line(
                            stream: stream, atOrAfter: LogTime(seconds: 2))
                    }
                ),
            ]
            var failed: [String] = []
            for (name, read) in reads {
                do { try await read() } catch {
                    #expect((error as? StoreError)?.code == .corrupt, "\(name): \(error)")
                    failed.append(name)
                }
            }
            #expect(failed.contains("batch"), "the damage is noticed by \(failed)")
        }
    }
}
