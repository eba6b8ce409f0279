import Foundation
import GRDB
import Testing

@testable import Store

@Suite("Logs that are deleted in steps")
struct HalfDeletedTests {
    @Test("one that a crash left half deleted is found again, until it is gone")
    func crash() async throws {
        try await StoreFixture.with({
            $0.chunkBytes = 64
            $0.commitInterval = .zero
        }) { store, fixture in
            let writer = try await store.openStream(.named("large"))
            for line in 0..<8 {
                try await writer.append(
                    try batch([String(repeating: "x", count: 80)], time: Int64(line)))
                try await writer.committed()
            }
            try await writer.end(exitCode: 0, reason: "Completed")
            let row = writer.row
            #expect(try await store.streamsHalfDeleted().isEmpty)
            #expect(try await store.deleteLines(ofStreams: [row], chunks: 3) == [row])
            let image = try fixture.crashImage()
            let crashed = try image.open()
            #expect(try await crashed.streamsHalfDeleted() == [row])
            #expect(try await crashed.deleteLines(ofStreams: [row]).isEmpty)
            #expect(try await crashed.streamsHalfDeleted().isEmpty)
            await crashed.close()
            try image.remove()
        }
    }

    @Test("the rows of streams that were deleted long ago are not looked at")
    func queryPlan() async throws {
        try await StoreFixture.with { store, _ in
            let plan = try await store.read { snapshot in
                try Row.fetchAll(
                    snapshot.connection.db,
                    sql: "EXPLAIN QUERY PLAN \(Store.selectHalfDeleted)"
                ).map { row -> String in row["detail"] }
            }
            #expect(plan.count == 1)
            #expect(plan.first?.contains("INDEX streamHalfDeleted") == true, "\(plan)")
        }
    }

    @Test("one of an older database is found")
    func migration() async throws {
        let fixture = StoreFixture()
        try FileManager.default.createDirectory(
            atPath: fixture.directory, withIntermediateDirectories: false)
        let queue = try DatabaseQueue(path: fixture.directory + "/podwire.db")
        try StoreSchema.migrator.migrate(queue, upTo: "6 pod objects")
        try await queue.write { db in
            for (id, deletedAt) in [(1, "5"), (2, "5"), (3, "NULL")] {
                try db.execute(
                    sql: """
                        INSERT INTO stream (id, podUID, container, attempt, namespace, pod, kind,
                            state, openedAt, endedAt, deletedAt)
                        VALUES (\(id), 'u', 'main', \(id), 'ns', 'p', 'main', 'ended', 1, 2,
                            \(deletedAt))
                        """)
            }
            for id in [2, 3] {
                try db.execute(
                    sql: """
                        INSERT INTO chunk (stream, firstLine, lines, firstByte, bytes,
                            firstNewline, isOpen, lastTime, maxTime, kind, times, text)
                        VALUES (\(id), 0, 1, 0, 1, 0, 0, 1, 1, 0, x'00', x'00')
                        """)
            }
        }
        try queue.close()
        let store = try fixture.open()
        #expect(try await store.streamsHalfDeleted() == [2])
        await store.close()
        try fixture.remove()
    }
}
