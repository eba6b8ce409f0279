import ByteBlocks
import LogModel
import Synchronization
import Testing

@testable import Store

@Suite struct StreamTailTests {
    /// Polls until there is something, without missing a wake.
    private func next(_ tail: StreamTail, at line: Int64) async -> TailPoll {
        while true {
            let (wakes, wake) = AsyncStream<Void>.makeStream()
            let answer = tail.poll(at: line) { wake.yield() }
            guard case .wait = answer else { return answer }
            for await _ in wakes { break }
        }
    }

    /// Reads a stream to its end as a server would.
    private func follow(_ stream: Int64, in store: Store) async throws -> [UInt8] {
        let tail = try await store.tail(of: stream)
        tail.watch()
        var line: Int64 = 0
        var text: [UInt8] = []
        while true {
            switch await next(tail, at: line) {
            case .batch(let found):
                let rest = found.batch.dropFirst(Int(line - found.first))
                text += rest.text.copy
                line = found.next
            case .stored:
                let found = try #require(try await store.batch(stream: stream, at: line))
                text += found.batch.text.copy
                line = found.next
            case .end(let next):
                #expect(next == line)
                return text
            case .wait, .closed:
                Issue.record("neither lines nor an end")
                return text
            }
        }
    }

    @Test(arguments: [64 << 20, 2_000])
    func readersThatFollowSeeEveryLineOnceAndTheEnd(recentBytes: Int) async throws {
        try await StoreFixture.with({ $0.recentBytes = recentBytes }) { store, _ in
            let writer = try await store.openStream(.named("f"))
            try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await self.follow(writer.row, in: store) }
                }
                var expected: [UInt8] = []
                for number in 0..<600 {
                    let lines = try batch(["line \(number)", "more of \(number)"])
                    expected += lines.text.copy
                    try await writer.append(lines, urgent: number.isMultiple(of: 3))
                    if number.isMultiple(of: 50) {
                        try await writer.committed()
                        let row = writer.row
                        group.addTask { try await self.follow(row, in: store) }
                    }
                }
                try await writer.end(exitCode: 0, reason: nil)
                for try await text in group { #expect(text == expected) }
            }
        }
    }

    @Test func whatIsShownIsStored() async throws {
        try await StoreFixture.with { store, _ in
            let writer = try await store.openStream(.named("p"))
            let tail = try await store.tail(of: writer.row)
            tail.watch()
            for number in 0..<50 {
                try await writer.append(try batch(["line \(number)"]))
                guard case .batch(let shown) = await next(tail, at: Int64(number)) else {
                    Issue.record("no batch")
                    return
                }
                let stored = try await store.batch(stream: writer.row, at: Int64(number))
                #expect(stored?.batch.text.text == shown.batch.text.text)
            }
        }
    }

    @Test func aQuietStreamWaitsUntilItIsWatched() async throws {
        try await StoreFixture.with({ $0.quietDelay = .seconds(3_600) }) { store, _ in
            let writer = try await store.openStream(.named("q"))
            let tail = try await store.tail(of: writer.row)
            try await writer.append(try batch(["hidden"]))
            #expect(tail.next == 0)
            tail.watch()
            guard case .batch(let found) = await next(tail, at: 0) else {
                Issue.record("no batch")
                return
            }
            #expect(found.batch.text.text == "hidden\n")
        }
    }

    @Test func aGapIsALineOfTextWithARecord() async throws {
        try await StoreFixture.with { store, _ in
            let writer = try await store.openStream(.named("g"))
            let tail = try await store.tail(of: writer.row)
            try await writer.append(try batch(["before"]))
            try await writer.append(gap(to: 4))
            try await writer.committed()
            guard case .batch(let found) = await next(tail, at: 1) else {
                Issue.record("no batch")
                return
            }
            #expect(found.batch.text.text == gap(to: 4).text + "\n")
            #expect(tail.gap(at: 1) == gap(to: 4))
            #expect(tail.gap(at: 0) == nil)
            let event = try #require(try await store.events(after: 0, limit: 10).first)
            #expect(event.type == .logGap)
            #expect(event.key == JobKey(namespace: "default", workflow: "g", job: "g"))
        }
    }

    @Test func closingTheStoreWakesReaders() async throws {
        let fixture = StoreFixture()
        let store = try fixture.open()
        let writer = try await store.openStream(.named("c"))
        let tail = try await store.tail(of: writer.row)
        async let answer = next(tail, at: 0)
        await store.close()
        guard case .closed = await answer else {
            Issue.record("not told")
            return
        }
        try fixture.remove()
    }

    @Test func aMissingStreamIsNamed() async throws {
        try await StoreFixture.with { store, _ in
            let error = await #expect(throws: StoreError.self) { try await store.tail(of: 7) }
            #expect(error?.code == .notFound)
        }
    }
}
