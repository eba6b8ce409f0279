import ByteBlocks
import LogModel
import Synchronization
import Testing

@testable import Store

/// What a wake leaves for its reader.
private final class Bell: Sendable {
    let isDue = Atomic(true)
    let wakes = Atomic(0)

    func ring() {
        isDue.store(true, ordering: .relaxed)
        wakes.add(1, ordering: .relaxed)
    }
}

/// A reader that asks only when it was woken, as a socket does.
private final class SleepyReader {
    let subscription: EventSubscription
    let start: Int64
    private(set) var position: Int64
    private(set) var got: [Int64] = []
    private(set) var looksAtStore = 0
    private let bell = Bell()

    var wakes: Int { bell.wakes.load(ordering: .relaxed) }

    init(_ feed: EventFeed, _ filter: EventFilter, stride: Int64? = nil) {
        subscription = feed.subscribe(filter, stride: stride)
        start = feed.last
        position = start
    }

    /// Asks once if it was woken; `stored` is what the database has.
    func turn(limit: Int = 256, bytes: Int = 1 << 20, stored: [EventRecord]) {
        guard bell.isDue.load(ordering: .relaxed) else { return }
        let poll = subscription.poll(after: position, limit: limit, bytes: bytes) { [bell] in
            bell.ring()
        }
        switch poll {
        case .events(let events, let end):
            got += events.map(\.sequence)
            position = end
        case .stored(let after):
            looksAtStore += 1
            let page = stored[Int(after)...].prefix(50)
            got += page.filter(subscription.filter.matches).map(\.sequence)
            position = page.last?.sequence ?? after
        case .wait(let end):
            position = end
            bell.isDue.store(false, ordering: .relaxed)
        case .closed: bell.isDue.store(false, ordering: .relaxed)
        }
    }

    /// Asks until it has to wait.
    func catchUp(stored: [EventRecord]) {
        while bell.isDue.load(ordering: .relaxed) { turn(stored: stored) }
    }
}

/// Numbers by a seed (SplitMix64).
private struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct EventWakeTests {
    private func event(
        _ sequence: Int64, _ type: EventType = .jobStatus, _ namespace: String = "default",
        _ workflow: String = "w", _ job: String = "j"
    ) -> EventRecord {
        EventRecord(
            sequence: sequence, time: LogTime(seconds: sequence), type: type,
            key: JobKey(namespace: namespace, workflow: workflow, job: job), data: Array("{}".utf8))
    }

    private func feed(limitBytes: Int = 1 << 20) -> EventFeed {
        EventFeed(last: 0, oldest: 1, limitBytes: limitBytes)
    }

    @Test(arguments: 1...40)
    func everyReaderGetsWhatMatchesInOrderOnce(seed: UInt64) {
        var random = SeededNumbers(state: seed)
        let names = ["a", "b", "c"]
        let feed = feed(limitBytes: Int.random(in: 0...8_000, using: &random))
        var all: [EventRecord] = []
        var readers: [SleepyReader] = []
        func filter() -> EventFilter {
            let types = EventType.allCases.filter { _ in Bool.random(using: &random) }
            return EventFilter(
                types: types.isEmpty || Bool.random(using: &random) ? nil : Set(types),
                namespace: Bool.random(using: &random) ? names.randomElement(using: &random) : nil,
                workflow: Bool.random(using: &random) ? names.randomElement(using: &random) : nil,
                job: Bool.random(using: &random) ? names.randomElement(using: &random) : nil)
        }
        for _ in 0..<400 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                let stride: Int64? = Bool.random(using: &random) ? nil : 7
                readers.append(SleepyReader(feed, filter(), stride: stride))
            case 1...3:
                let news = (0..<Int.random(in: 1...60, using: &random)).map { offset in
                    event(
                        Int64(all.count + offset + 1),
                        EventType.allCases.randomElement(using: &random) ?? .jobEnd,
                        names.randomElement(using: &random) ?? "a",
                        names.randomElement(using: &random) ?? "a",
                        names.randomElement(using: &random) ?? "a")
                }
                all += news
                feed.publish(news)
            default:
                let limit = Int.random(in: 1...20, using: &random)
                let bytes = Int.random(in: 0...4_000, using: &random)
                readers.randomElement(using: &random)?
                    .turn(limit: limit, bytes: bytes, stored: all)
            }
        }
        for reader in readers {
            reader.catchUp(stored: all)
            let wanted = all.filter {
                $0.sequence > reader.start && reader.subscription.filter.matches($0)
            }
            #expect(reader.got == wanted.map(\.sequence))
            #expect(reader.position == Int64(all.count))
            if reader.subscription.stride == nil { #expect(reader.wakes <= wanted.count) }
        }
        #expect(feed.readers == readers.count)
        readers = []
        #expect(feed.readers == 0)
    }

    @Test func ofAThousandReadersOnlyTheOneWhoseWorkflowItIsWakes() {
        let feed = feed()
        let readers = (0..<1_000).map { SleepyReader(feed, EventFilter(workflow: "w\($0)")) }
        for reader in readers { reader.catchUp(stored: []) }
        feed.publish((1...50).map { event($0, .jobStatus, "default", "w\(700 + $0 % 2)") })
        #expect(readers.map(\.wakes).reduce(0, +) == 2)
        #expect(readers[700].wakes == 1 && readers[701].wakes == 1)
    }

    @Test func aReaderThatSleptOverForgottenEventsLooksAtNoneOfThem() {
        let feed = feed(limitBytes: 2_000)
        let reader = SleepyReader(feed, EventFilter(job: "rare"))
        reader.catchUp(stored: [])
        for sequence in 1...500 { feed.publish([event(Int64(sequence))]) }
        feed.drop(before: 499)
        #expect(reader.wakes == 0)
        feed.publish([event(501, .jobEnd, "default", "w", "rare")])
        feed.publish([event(502)])
        reader.catchUp(stored: [])
        #expect(reader.got == [501])
        #expect(reader.position == 502 && reader.looksAtStore == 0)
    }

    @Test func aReaderThatSleptOverForgottenMatchesReadsThemFromTheFirst() {
        let feed = feed(limitBytes: 2_000)
        let reader = SleepyReader(feed, EventFilter(job: "rare"))
        reader.catchUp(stored: [])
        var all: [EventRecord] = []
        for sequence in 1...500 {
            let isRare = [100, 200, 300].contains(sequence)
            all.append(event(Int64(sequence), .jobEnd, "default", "w", isRare ? "rare" : "j"))
            feed.publish([all[sequence - 1]])
        }
        guard case .stored(after: 99) = reader.subscription.poll(after: 0, wake: {}) else {
            Issue.record("events 100, 200 and 300 are not in memory")
            return
        }
        reader.catchUp(stored: all)
        #expect(reader.got == [100, 200, 300])
    }

    @Test func aReaderWithAStrideIsToldWhereItIsNowAndThen() {
        let feed = feed()
        let reader = SleepyReader(feed, EventFilter(job: "rare"), stride: 10)
        reader.catchUp(stored: [])
        for sequence in 1...35 {
            feed.publish([event(Int64(sequence))])
            reader.catchUp(stored: [])
        }
        #expect(reader.wakes == 3)
        #expect(reader.position == 30)
    }

    @Test func aBatchIsBoundedInBytesButForOneEvent() {
        let feed = feed()
        feed.publish((1...9).map { event($0) })
        let size = event(1).json.count
        let reader = feed.subscribe()
        for (bytes, count) in [(0, 1), (size, 1), (size * 3, 3), (size * 3 + 1, 3)] {
            guard case .events(let events, let end) = reader.poll(after: 0, bytes: bytes, wake: {})
            else {
                Issue.record("no events")
                return
            }
            #expect(events.count == count && end == Int64(count))
        }
    }

    @Test func aClosedFeedWakesAllAndEndsThoseThatHaveEverything() {
        let feed = feed(limitBytes: 0)
        let reader = feed.subscribe(EventFilter(job: "rare"))
        guard case .wait = reader.poll(after: 0, wake: {}) else {
            Issue.record("events out of nothing")
            return
        }
        feed.publish([event(1)])
        feed.close()
        guard case .closed = reader.poll(after: 0, wake: {}) else {
            Issue.record("it has all that it wants")
            return
        }
    }
}
