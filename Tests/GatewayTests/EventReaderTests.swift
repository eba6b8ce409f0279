import Access
import Foundation
import LogModel
import Logging
import Testing

@testable import Gateway
@testable import Store

/// Readers of the stored feed while retention deletes it.
@Suite(.timeLimit(.minutes(5))) struct EventReaderTests {
    /// A store that keeps no events in memory, so that every read is one of the database.
    private func withStore(_ body: (Store) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            var settings = StoreSettings()
            settings.recentEventBytes = 0
            let store = try Store.open(
                directory: directory.appending(path: "data").path, settings: settings,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            do {
                try await body(store)
            } catch {
                await store.close()
                throw error
            }
            await store.close()
        }
    }

    private func emit(_ store: Store, _ count: Int, bytes: Int = 2, job: String = "j") async throws
    {
        try await store.write { transaction in
            for _ in 0..<count {
                try transaction.append(
                    event: .jobStatus, key: JobKey(namespace: "default", workflow: "w", job: job),
                    data: String(repeating: "x", count: bytes))
            }
        }
    }

    /// The next step that is not to wait.
    private func step(_ reader: any EventSource) async -> EventReader.Step {
        while true {
            let (wakes, wake) = AsyncStream<Void>.makeStream()
            let step = reader.next { wake.yield() }
            guard case .wait = step else { return step }
            var iterator = wakes.makeAsyncIterator()
            await iterator.next()
        }
    }

    private func sequences(_ step: EventReader.Step) throws -> [Int64] {
        guard case .events(let events) = step else {
            Issue.record("expected events, got \(step)")
            return []
        }
        return events.map(\.sequence)
    }

    /// Lets everybody see every namespace, and nobody all of them at once.
    private struct OneByOne: AccessBackend {
        let authentication = Caller.Authentication.token

        func identity(of token: BearerToken) async throws(AccessError) -> Identity? {
            Identity(name: "u")
        }

        func allows(_ identity: Identity, _ right: Right) async throws(AccessError) -> Bool {
            right.namespace != nil
        }
    }

    @Test func `events are given also where decisions are old before the last one is made`()
        async throws
    {
        try await withStore { store in
            try await store.write { transaction in
                for namespace in ["a", "b", "c"] {
                    try transaction.append(
                        event: .jobStatus,
                        key: JobKey(namespace: namespace, workflow: "w", job: "j"), data: "x")
                }
            }
            let control = AccessControl(
                OneByOne(), recheck: .nanoseconds(1),
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
                namespaces: { [] })
            let caller = try await control.caller(token: BearerToken("token"))
            let reader = VisibleEvents(
                EventReader(store, EventFilter(), after: 0, last: 3), for: caller)
            #expect(try sequences(await step(reader)) == [1, 2, 3])
            reader.close()
        }
    }

    @Test func `a reader that retention overtakes is told so, and led past no hole`() async throws {
        try await withStore { store in
            try await emit(store, 600)
            let reader = EventReader(store, EventFilter(), after: 0, last: 600)
            #expect(try sequences(await step(reader)) == Array(1...256))
            try await store.deleteEvents(before: 257)
            #expect(try sequences(await step(reader)) == Array(257...512))
            try await store.deleteEvents(before: 514)
            guard case .failed(let error) = await step(reader) else {
                Issue.record("event 513 is gone")
                return
            }
            let refusal = try #require(error as? StatusResponse)
            #expect(refusal.code == 410 && refusal.message.contains("the oldest is 514"))
        }
    }

    @Test func `events that are deleted while a reader of others sleeps are not missed`()
        async throws
    {
        try await withStore { store in
            let reader = EventReader(store, EventFilter(job: "rare"), after: 0, last: nil)
            guard case .wait = reader.next(wake: {}) else {
                Issue.record("events out of nothing")
                return
            }
            try await emit(store, 100)
            try await store.deleteEvents(before: 100)
            try await emit(store, 1, job: "rare")
            #expect(try sequences(await step(reader)) == [101])
        }
    }

    @Test func `a batch of stored events is bounded in bytes`() async throws {
        try await withStore { store in
            try await emit(store, 5, bytes: 400_000)
            try await emit(store, 1, bytes: 1 << 20)
            let reader = EventReader(store, EventFilter(), after: 0, last: 6)
            var batches: [[Int64]] = []
            for _ in 0..<4 { batches.append(try sequences(await step(reader))) }
            #expect(batches == [[1, 2], [3, 4], [5], [6]])
            guard case .end = await step(reader) else {
                Issue.record("all was given")
                return
            }
        }
    }

    @Test func `a page says how far it has looked, and when`() async throws {
        try await withStore { store in
            try await emit(store, 20_000)
            try await emit(store, 1, job: "rare")
            let filter = EventFilter(job: "rare")
            let pages = try await store.read { snapshot in
                let first = try snapshot.eventPage(after: 0, filter: filter)
                return [first, try snapshot.eventPage(after: first.end, filter: filter)]
            }
            #expect(pages[0].events.isEmpty && pages[0].end == 16_384)
            #expect(pages[1].events.map(\.sequence) == [20_001] && pages[1].end == 20_001)
            #expect(pages.allSatisfy { $0.oldest == 1 && $0.last == 20_001 })
            try await store.deleteEvents(before: 20_001)
            let late = try await store.read { try $0.eventPage(after: 0, filter: filter) }
            #expect(late.oldest == 20_001 && late.events.map(\.sequence) == [20_001])
        }
    }
}
