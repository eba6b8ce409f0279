import ByteBlocks
import Foundation
import LogModel
import Testing

@testable import Store

@Suite struct EventFeedTests {
    private func emit(_ store: Store, _ count: Int, key: JobKey = .sample) async throws {
        for number in 0..<count {
            try await store.write { transaction in
                try transaction.append(
                    event: .jobStatus, key: key, data: ["to": "running", "n": "\(number)"])
            }
        }
    }

    @Test func anOutputIsAValueAnEventAndACloudEvent() async throws {
        try await StoreFixture.with { store, _ in
            let job = try await store.write { try $0.upsert(.sample(uid: "j")) }
            let writer = try await store.openStream(.named("a", job: job))
            let lines = try batch(["JOB_OUT url=http://x/\"y\"", "JOB_OUT raw=?", "JOB_OUT"])
            try await writer.append(
                lines,
                outputs: [
                    FoundOutput(
                        line: 0,
                        result: .accepted(key: "url", value: Array("http://x/\"y\"".utf8))),
                    FoundOutput(line: 1, result: .accepted(key: "raw", value: [0xff, 0x00])),
                    FoundOutput(line: 2, result: .rejected(reason: "no `=`")),
                ])
            try await writer.committed()
            let outputs = try await store.read { try $0.outputs(ofJob: job) }
            #expect(outputs.map(\.key) == ["raw", "url"])
            #expect(outputs[0].value == [0xff, 0x00] && outputs[0].line == 1)
            let rejected = try await store.read { try $0.rejected(ofJob: job) }
            #expect(rejected == [RejectedRow(stream: writer.row, line: 2, reason: "no `=`")])
            guard case .events(let events, 2) = store.events.subscribe().poll(after: 0, wake: {})
            else {
                Issue.record("no events")
                return
            }
            #expect(events.count == 2)
            let first = try #require(
                try JSONSerialization.jsonObject(with: Data(events[0].json.bytes))
                    as? [String: Any])
            #expect(first["id"] as? String == "1")
            #expect(first["source"] as? String == "/podwire")
            #expect(first["specversion"] as? String == "1.0")
            #expect(first["type"] as? String == "podwire.job.output")
            #expect(first["subject"] as? String == "default/nightly/build")
            #expect(RFC3339.parse(try #require(first["time"] as? String)) == events[0].time)
            let data = try #require(first["data"] as? [String: Any])
            #expect(data["value"] as? String == "http://x/\"y\"")
            #expect(data["stream"] as? String == "uid-a/main/0")
            #expect(data["line"] as? Int == 0)
            #expect(events[1].json.text.contains(#""valueBase64":"/wA=""#))
            let stored = try await store.events(after: 0, limit: 10)
            #expect(stored.map(\.json.text) == events.map(\.json.text))
            let totals = try await store.read { try $0.totals(ofJob: job) }
            #expect(totals.lines == 3 && totals.rejected == 1 && totals.outputs == 2)
        }
    }

    @Test func memoryAndStoreTogetherHoldTheWholeFeed() async throws {
        try await StoreFixture.with({ $0.recentEventBytes = 4_000 }) { store, _ in
            try await emit(store, 60)
            #expect(store.events.last == 60 && store.events.oldest == 1)
            guard case .stored = store.events.subscribe().poll(after: 0, wake: {}) else {
                Issue.record("kept too much")
                return
            }
            let stored = try await store.events(after: 0, limit: 1_000)
            #expect(stored.map(\.sequence) == Array(1...60))
            guard case .events(let recent, 60) = store.events.subscribe().poll(after: 58, wake: {})
            else {
                Issue.record("kept nothing")
                return
            }
            #expect(recent.map(\.sequence) == [59, 60])
        }
    }

    @Test func aReaderThatWaitsIsWokenOnce() async throws {
        try await StoreFixture.with { store, _ in
            let (wakes, wake) = AsyncStream<Int>.makeStream()
            let reader = store.events.subscribe()
            guard case .wait(at: 0) = reader.poll(after: 0, wake: { wake.yield(1) }),
                case .wait(at: 0) = reader.poll(after: 0, wake: { wake.yield(2) })
            else {
                Issue.record("events out of nothing")
                return
            }
            try await emit(store, 2)
            wake.finish()
            let woken = await wakes.reduce(into: []) { $0.append($1) }
            #expect(woken == [2])
        }
    }

    @Test func filtersSelectInMemoryAsInTheStore() async throws {
        try await StoreFixture.with { store, _ in
            let other = JobKey(namespace: "default", workflow: "weekly", job: "build")
            try await emit(store, 3)
            try await emit(store, 2, key: other)
            for filter in [
                EventFilter(workflow: "weekly"), EventFilter(types: [.jobEnd]),
                EventFilter(types: [.jobStatus], namespace: "default", job: "build"),
                EventFilter(),
            ] {
                let stored = try await store.events(after: 0, limit: 100, filter: filter)
                guard
                    case .events(let found, 5) = store.events.subscribe(filter).poll(
                        after: 0, wake: {})
                else {
                    Issue.record("no events")
                    return
                }
                #expect(stored.map(\.sequence) == found.map(\.sequence))
            }
        }
    }

    @Test func numbersAreNotReusedAfterDeletionAndReopening() async throws {
        let fixture = StoreFixture()
        let store = try fixture.open()
        try await emit(store, 5)
        try await store.deleteEvents(before: 6)
        #expect(store.events.oldest == 6)
        await store.close()
        let again = try fixture.open()
        #expect(again.events.last == 5 && again.events.oldest == 6)
        try await emit(again, 1)
        #expect(again.events.last == 6)
        await again.close()
        try fixture.remove()
    }
}
