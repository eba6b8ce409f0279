import LogModel
import Testing

@testable import Store

@Suite struct ConsumerPositionTests {
    private func emit(_ store: Store, _ job: String, _ type: EventType = .jobStatus) async throws {
        try await store.write { transaction in
            try transaction.append(
                event: type, key: JobKey(namespace: "n", workflow: "w", job: job),
                data: ["to": "running"])
        }
    }

    private func position(_ store: Store, _ name: String) async throws -> Int64? {
        try await store.read { try $0.consumer(name)?.acknowledged }
    }

    @Test func aFilterIsStoredAndReadAgain() throws {
        for filter in [
            EventFilter(),
            EventFilter(types: [.jobEnd, .logGap], namespace: "n", workflow: "w", job: "\"é\""),
        ] {
            let row = try ConsumerRow(
                name: "c", filter: filter, acknowledged: 1, createdAt: LogTime(seconds: 1))
            #expect(try row.eventFilter() == filter)
        }
    }

    @Test func aPositionMovesForwardOnlyAndOnlyOfTheSameConsumer() async throws {
        try await StoreFixture.with { store, _ in
            let created = LogTime(seconds: 1)
            let row = try ConsumerRow(
                name: "c", filter: EventFilter(), acknowledged: 4, createdAt: created)
            try await store.write { try $0.upsert(row) }
            for (sequence, position, isMoved) in [(Int64(7), Int64(7), true), (5, 7, false)] {
                let done = try await store.write {
                    try $0.acknowledge(consumer: "c", createdAt: created, upTo: sequence)
                }
                #expect(done?.acknowledged == position && done?.isMoved == isMoved)
            }
            for (name, time) in [("c", LogTime(seconds: 2)), ("d", created)] {
                let done = try await store.write {
                    try $0.acknowledge(consumer: name, createdAt: time, upTo: 9)
                }
                #expect(done == nil)
            }
            #expect(try await position(store, "c") == 7)
        }
    }

    @Test func retentionMovesOnConsumersThatMissNothing() async throws {
        try await StoreFixture.with { store, _ in
            for job in ["a", "a", "b", "a", "a", "b"] { try await emit(store, job) }
            try await store.write { transaction in
                for (name, job, acknowledged) in [
                    ("none", "other", Int64(0)), ("done", "b", 3), ("late", "b", 2),
                    ("all", nil, 0), ("ahead", "a", 5),
                ] {
                    try transaction.upsert(
                        ConsumerRow(
                            name: name, filter: EventFilter(job: job), acknowledged: acknowledged,
                            createdAt: LogTime(seconds: 1)))
                }
            }
            try await store.deleteEvents(before: 5)
            #expect(store.events.oldest == 5)
            #expect(try await position(store, "none") == 4)
            #expect(try await position(store, "done") == 4, "event 6 is still to come")
            #expect(try await position(store, "late") == 2, "event 3 was deleted unread")
            #expect(try await position(store, "all") == 0)
            #expect(try await position(store, "ahead") == 5)
            try await store.deleteEvents(before: 100)
            #expect(try await position(store, "none") == 6)
            #expect(try await position(store, "done") == 4, "event 6 was deleted unread")
            #expect(try await position(store, "late") == 2, "what expired stays so")
        }
    }
}
