import ByteBlocks
import Dispatch
import GRDB
import LogModel
import RandomNumbers
import Synchronization
import Testing

@testable import Store

@Suite struct WriterLaneTests {
    @Test func aWriteThatThrowsIsUndoneAndTheOthersStay() async throws {
        struct Refusal: Error {}
        try await StoreFixture.with { store, _ in
            let writer = try await store.openStream(.named("w"))
            try await writer.append(try batch(["line"]))
            async let good: Int64 = store.write { transaction in
                try transaction.upsert(.sample(uid: "good"))
            }
            await #expect(throws: Refusal.self) {
                try await store.write { transaction in
                    try transaction.upsert(.sample(uid: "bad"))
                    try transaction.append(
                        event: .jobStatus, key: .sample, data: ["to": "running"])
                    throw Refusal()
                }
            }
            #expect(try await good > 0)
            try await writer.committed()
            #expect(try await store.read { try $0.job(uid: "bad") } == nil)
            #expect(try await store.read { try $0.job(uid: "good") } != nil)
            #expect(store.events.last == 0)
            #expect(try await store.events(after: 0, limit: 10).isEmpty)
            #expect(try await store.batch(stream: writer.row, at: 0) != nil)
        }
    }

    @Test func aStreamThatCannotBeWrittenFailsAlone() async throws {
        try await StoreFixture.with { store, _ in
            let bad = try await store.openStream(.named("bad"))
            let good = try await store.openStream(.named("good"))
            // A chunk in its place that it does not know of.
            try await store.write { transaction in
                try transaction.connection.db.execute(
                    sql: """
                        INSERT INTO chunk (stream, firstLine, lines, firstByte, bytes,
                            firstNewline, isOpen, lastTime, maxTime, kind, times, text)
                        VALUES (?, 0, 1, 0, 1, 0, 0, 0, 0, 0, x'', x'')
                        """, arguments: [bad.row])
            }
            try await bad.append(try batch(["lost"]))
            try await good.append(try batch(["kept"]))
            let error = await #expect(throws: StoreError.self) { try await bad.committed() }
            #expect(error?.code == .rejected)
            try await good.committed()
            #expect(try await store.batch(stream: good.row, at: 0)?.batch.text.text == "kept\n")
            await #expect(throws: StoreError.self) { try await bad.append(try batch(["x"])) }
            #expect(store.health.isWritable)
        }
    }

    @Test func appendWaitsForRoomInTheQueue() async throws {
        try await StoreFixture.with({
            $0.queueBytes = 4_000
            $0.quietDelay = .seconds(3_600)
        }) { store, _ in
            let writer = try await store.openStream(.named("full"))
            let line = String(repeating: "x", count: 900)
            for _ in 0..<200 {
                try await writer.append(try batch([line]))
                #expect(store.health.queuedBytes <= 4_000)
            }
            try await writer.committed()
            #expect(try await contents(of: writer.row, in: store).next == 200)
            #expect(store.health.queuedBytes == 0)
        }
    }

    @Test func aClosedStoreIsGoneThoughSomeoneHasWaitedForRoom() async throws {
        weak var lane: WriterLane?
        try await StoreFixture.with({ $0.queueBytes = 4_000 }) { store, _ in
            lane = store.lane
            let writer = try await store.openStream(.named("crowd"))
            let line = String(repeating: "x", count: 3_000)
            let (hangs, hanging) = AsyncStream<Void>.makeStream()
            let release = DispatchSemaphore(value: 0)
            async let blocked: Void = store.write { _ in
                hanging.yield()
                release.wait()
            }
            for await _ in hangs { break }
            try await writer.append(try batch([line]))
            async let second: Void = writer.append(try batch([line]))
            while !store.lane.queue.withLock(\.hasRoomWatch) { await Task.yield() }
            release.signal()
            try await blocked
            try await second
        }
        #expect(lane == nil)
    }

    @Test func whoFindsNoRoomForTooLongIsSentAwayThoughTheWriterHangs() async throws {
        try await StoreFixture.with({
            $0.queueBytes = 4_000
            $0.roomTimeout = .milliseconds(50)
        }) { store, _ in
            let writer = try await store.openStream(.named("held"))
            let line = String(repeating: "x", count: 3_000)
            let (hangs, hanging) = AsyncStream<Void>.makeStream()
            let release = DispatchSemaphore(value: 0)
            async let blocked: Void = store.write { _ in
                hanging.yield()
                release.wait()
            }
            for await _ in hangs { break }
            try await writer.append(try batch([line]))
            let error = await #expect(throws: StoreError.self) {
                try await writer.append(try batch([line]))
            }
            #expect(error?.code == .full)
            release.signal()
            try await blocked
            try await writer.append(try batch(["behind it"]))
            try await writer.committed()
            #expect(
                try await contents(of: writer.row, in: store).text
                    == Array((line + "\nbehind it\n").utf8))
        }
    }

    @Test func aFullDiskIsSaidAndEverythingGoesOnBehindIt() async throws {
        try await StoreFixture.with({
            $0.queueBytes = 200_000
            $0.roomTimeout = .milliseconds(300)
            $0.failureTimeout = .milliseconds(300)
            $0.longestRetry = .milliseconds(50)
        }) { store, _ in
            let writer = try await store.openStream(.named("disk"))
            try await writer.append(try batch(["before"]))
            try await writer.committed()
            try await store.write { transaction in
                let db = transaction.connection.db
                let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                try db.execute(sql: "PRAGMA max_page_count = \(pages)")
            }
            var random = SeededGenerator(seed: 1)
            var accepted: [UInt8] = Array("before\n".utf8)
            var failure: StoreError?
            for _ in 0..<100 where failure == nil {
                let bytes = (0..<20_000).map { _ in UInt8.random(in: 0x20...0xff, using: &random) }
                let lines = try batch(bytes: [bytes], times: [1])
                do {
                    try await writer.append(lines, urgent: true)
                    accepted += lines.text.copy
                } catch let error as StoreError {
                    failure = error
                }
            }
            #expect(failure?.code == .full)
            #expect(failure?.isRetriable == true)
            // There is no room since the writer cannot write, or does not come to it: wait for that.
            let end = ContinuousClock.now + .seconds(60)
            while store.health.isWritable, ContinuousClock.now < end { await Task.yield() }
            #expect(!store.health.isWritable)
            #expect(store.health.lastError?.contains("full") == true)
            #expect(store.health.queuedBytes <= 200_000)
            let error = await #expect(throws: StoreError.self) {
                try await store.write { try $0.upsert(.sample(uid: "late")) }
            }
            #expect(error?.code == .full)
            // Reading goes on.
            #expect(try await store.batch(stream: writer.row, at: 0) != nil)
            try await store.allowGrowth()
            try await writer.committed()
            #expect(store.health.isWritable)
            #expect(try await contents(of: writer.row, in: store).text == accepted)
            #expect(try await store.read { try $0.job(uid: "late") } == nil)
            try await store.write { try $0.upsert(.sample(uid: "again")) }
        }
    }

    @Test func closingCommitsWhatIsQueued() async throws {
        let fixture = StoreFixture()
        let store = try fixture.open { $0.quietDelay = .seconds(3_600) }
        let writers = try await withThrowingTaskGroup(of: StreamWriter.self) { group in
            for number in 0..<1_500 {
                group.addTask { try await store.openStream(.named("pod-\(number)")) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for writer in writers { try await writer.append(try batch(["last words"])) }
        await store.close()
        await #expect(throws: StoreError.self) { try await writers[0].append(try batch(["x"])) }
        await #expect(throws: StoreError.self) { try await store.write { _ in } }
        await #expect(throws: StoreError.self) { try await store.read { _ in } }
        let again = try fixture.open()
        for writer in writers {
            #expect(try await contents(of: writer.row, in: again).next == 1)
        }
        await again.close()
        try fixture.remove()
    }
}

extension Store {
    /// Lifts the limit of pages that stands for a full disk, from the writer's own connection.
    func allowGrowth() async throws {
        let database = database
        try await database.pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA max_page_count = 1073741823")
        }
    }
}

extension JobKey {
    static let sample = JobKey(namespace: "default", workflow: "nightly", job: "build")
}

extension JobRow {
    static func sample(uid: String, key: JobKey = .sample) -> JobRow {
        JobRow(uid: uid, key: key, status: .running, createdAt: LogTime(seconds: 1))
    }
}
