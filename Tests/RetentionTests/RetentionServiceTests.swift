import ByteBlocks
import Foundation
import LogModel
import Logging
import Synchronization
import Testing

@testable import Retention
@testable import Store

@Suite(.timeLimit(.minutes(5))) struct RetentionServiceTests {
    private let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func withStore(_ body: (Store, String) async throws -> Void) async throws {
        let directory =
            FileManager.default.temporaryDirectory.path + "/podwire-keep-\(UUID().uuidString)"
        let store = try Store.open(directory: directory, logger: quiet)
        do {
            try await body(store, directory)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        try FileManager.default.removeItem(atPath: directory)
    }

    /// A service on a clock that stands at `after` from now, and never waits.
    private func service(
        _ store: Store, after: Duration = .zero,
        _ change: (inout RetentionSettings) -> Void = { _ in }
    ) -> RetentionService {
        var settings = RetentionSettings()
        change(&settings)
        let now = LogTime.now + after
        let clock = RetentionClock(now: { now }, sleep: { _ in try Task.checkCancellation() })
        return RetentionService(settings, store: store, clock: clock, logger: quiet)
    }

    private func emit(_ store: Store, _ count: Int) async throws {
        try await store.write { transaction in
            for _ in 0..<count {
                try transaction.append(
                    event: .jobStatus,
                    key: JobKey(namespace: "default", workflow: "w", job: "j"), data: ["a": "b"])
            }
        }
    }

    /// A stream of `lines` incompressible lines of 32 KiB.
    private func log(_ name: String, lines: Int, ends: Bool, in store: Store) async throws -> Int64
    {
        let writer = try await store.openStream(
            StreamDescriptor(
                id: StreamID(podUID: name, container: "main", attempt: 0), namespace: "default",
                pod: name, kind: .main, job: nil))
        var random = SystemRandomNumberGenerator()
        for number in 0..<lines {
            var builder = LineBatchBuilder()
            let line = (0..<(32 << 10)).map { _ in UInt8.random(in: 32...126, using: &random) }
            line.withUnsafeBytes { builder.add($0, time: Int64(number), newline: true) }
            let made = builder.take()
            try await writer.append(try #require(made))
        }
        try await writer.committed()
        if ends { try await writer.end(exitCode: 0, reason: nil) }
        return writer.row
    }

    @Test func podsThatAreGoneGoWithTheirLogsAndTheOthersByTheirAge() async throws {
        try await withStore { store, _ in
            let logged = try await log("logged", lines: 1, ends: true, in: store)
            _ = try await log("live", lines: 1, ends: false, in: store)
            try await store.write { transaction in
                for uid in ["logged", "live", "silent", "present"] {
                    try transaction.store(
                        PodObjectRow(
                            uid: uid, namespace: "default", name: uid, createdAt: .now,
                            goneAt: uid == "present" ? nil : .now, clusterVersion: "1",
                            object: store.pack([1, 2, 3])))
                }
            }
            func shown() async throws -> [String] {
                try await store.read { try $0.podObjects(PodObjectQuery(), limit: 9).rows }
                    .map(\.name)
            }
            _ = try await service(store).pass()
            #expect(try await shown() == ["live", "logged", "present", "silent"])
            try await store.deleteLines(ofStreams: [logged])
            #expect(try await shown() == ["live", "present", "silent"])
            _ = try await service(store, after: .seconds(400 * 86_400)).pass()
            #expect(try await shown() == ["live", "present"])
        }
    }

    @Test func oldAndSurplusEventsGoAndTheRestStays() async throws {
        try await withStore { store, _ in
            try await emit(store, 2_500)
            #expect(try await service(store).pass() == RetentionService.Pass())
            let surplus = try await service(store) { $0.maxEvents = 100 }.pass()
            #expect(surplus.events == 2_400)
            #expect(store.events.oldest == 2_401)
            #expect(try await store.events(after: 0, limit: 1_000).count == 100)
            let old = try await service(store, after: .seconds(8 * 86_400)).pass()
            #expect(old.events == 100)
            #expect(store.events.oldest == 2_501)
        }
    }

    @Test func logsGoSoLongBehindTheirEndAndLiveOnesNever() async throws {
        try await withStore { store, _ in
            let ended = try await log("ended", lines: 3, ends: true, in: store)
            let live = try await log("live", lines: 3, ends: false, in: store)
            #expect(try await service(store, after: .seconds(13 * 86_400)).pass().streams == 0)
            let pass = try await service(store, after: .seconds(15 * 86_400)).pass()
            #expect(pass.streams == 1)
            #expect(try await store.batch(stream: ended, at: 0) == nil)
            #expect(try await store.batch(stream: live, at: 0) != nil)
            let rows = try await store.streams(StreamQuery())
            #expect(rows.map(\.id.podUID).sorted() == ["ended", "live"])
            #expect(rows.filter { $0.deletedAt != nil }.map(\.row) == [ended])
        }
    }

    @Test func thoseThatEndedFirstMakeRoomUntilThereIsEnough() async throws {
        try await withStore { store, _ in
            let live = try await log("live", lines: 8, ends: false, in: store)
            var rows: [Int64] = []
            for name in ["a", "b", "c", "d"] {
                rows.append(try await log(name, lines: 32, ends: true, in: store))
            }
            // Each log takes 0.9 MiB or so: two of them have to go.
            let used = try await store.usedBytes()
            let pass = try await service(store) { $0.maxBytes = used - (3 << 19) }.pass()
            #expect(pass.streams == 2 && !pass.isStuck)
            let deleted = try await store.streams(StreamQuery()).filter { $0.deletedAt != nil }
            #expect(Set(deleted.map(\.row)) == Set(rows.prefix(2)))
            let all = try await service(store, after: .seconds(7_200)) { $0.maxBytes = 1 }.pass()
            #expect(all.streams == 2 && all.isStuck)
            #expect(try await store.batch(stream: live, at: 7) != nil)
        }
    }

    @Test func logsStayForAnHourWhereWhatIsNoLogTakesAllTheRoom() async throws {
        try await withStore { store, _ in
            let row = try await log("ended", lines: 4, ends: true, in: store)
            try await emit(store, 20_000)
            let used = try await store.usedBytes()
            let logs = try await store.logBytes(upTo: .max)
            #expect(logs > 4 * (20 << 10) && logs < used / 2)
            #expect(try await store.logBytes(upTo: 1_000) == 1_000)
            let early = try await service(store, after: .seconds(3_000)) {
                $0.maxBytes = used / 4
            }.pass()
            #expect(early.streams == 0 && early.isCrowded)
            #expect(try await store.batch(stream: row, at: 3) != nil)
            let late = try await service(store, after: .seconds(4_000)) {
                $0.maxBytes = used / 4
            }.pass()
            #expect(late.streams == 1 && late.isCrowded && late.isStuck)
        }
    }

    @Test func aClockThatJumpsAheadIsFollowedStepByStepAndBackAtOnce() {
        var time = RetentionTime()
        let start = LogTime(seconds: 1_000_000)
        let weeks = start + .seconds(30 * 86_400)
        let clock = [
            start, start + .seconds(60), weeks, weeks, start + .seconds(180), start - .seconds(60),
        ]
        let followed = clock.map { time.next($0) }
        #expect(
            followed == [
                start, start + .seconds(60), start + .seconds(3_660), start + .seconds(7_260),
                start + .seconds(180), start - .seconds(60),
            ])
    }

    @Test func aLogThatWasHalfDeletedIsFinished() async throws {
        try await withStore { store, _ in
            let row = try await log("large", lines: 40, ends: true, in: store)
            #expect(try await store.deleteLines(ofStreams: [row], chunks: 5) == [row])
            #expect(try await store.streamsHalfDeleted() == [row])
            #expect(try await store.streams(StreamQuery()).first?.deletedAt != nil)
            _ = try await service(store).pass()
            #expect(try await store.streamsHalfDeleted().isEmpty)
            #expect(try await store.batch(stream: row, at: 39) == nil)
        }
    }

    @Test func itGoesOnUntilItIsCancelled() async throws {
        try await withStore { store, _ in
            let (passes, passed) = AsyncStream<Duration>.makeStream()
            let clock = RetentionClock(
                now: { .now + .seconds(8 * 86_400) },
                sleep: { duration in
                    try Task.checkCancellation()
                    passed.yield(duration)
                })
            let service = RetentionService(
                RetentionSettings(), store: store, clock: clock, logger: quiet)
            try await emit(store, 3)
            let task = Task { try await service.run() }
            var intervals = 0
            for await duration in passes where duration == RetentionService.interval {
                intervals += 1
                if intervals == 3 { break }
            }
            #expect(store.events.oldest == 4)
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}
