import Testing

@testable import Store
@testable import Webhooks

@Suite struct DeliveryMachineTests {
    private let start = ContinuousClock.now

    private func events(_ sequences: ClosedRange<Int64>) -> [EventRecord] {
        sequences.map { .sample($0) }
    }

    private func words(_ step: DeliveryMachine.Step) -> String {
        switch step {
        case .save(let position): "save \(position)"
        case .pause(let instant): "pause \(start.duration(to: instant).components.seconds)"
        case .deliver(let event): "deliver \(event.sequence)"
        case .read(let position): "read \(position)"
        }
    }

    private func fail(
        _ machine: inout DeliveryMachine, _ failure: DeliveryFailure, at now: Duration
    ) -> DeliveryMachine.Report? {
        machine.failed(failure, at: start + now)
    }

    private let unavailable = DeliveryFailure.status(503, location: nil, retryAfter: nil)

    @Test func `the next event comes only when the one before is taken, then the position`() {
        var machine = DeliveryMachine(position: 3, at: start, random: LargestDelays())
        #expect(words(machine.next(at: start)) == "read 3")
        #expect(machine.read(EventBatch(events: events(5...6), end: 9)) == nil)
        #expect(words(machine.next(at: start)) == "deliver 5")
        #expect(words(machine.next(at: start)) == "deliver 5")
        #expect(machine.taken(at: start) == nil)
        #expect(machine.position == 5)
        #expect(words(machine.next(at: start)) == "deliver 6")
        #expect(machine.taken(at: start) == nil)
        #expect(machine.position == 9, "what the target does not want is passed over")
        #expect(words(machine.next(at: start)) == "save 9")
        machine.saved(9, at: start)
        #expect(words(machine.next(at: start)) == "read 9")
    }

    @Test func `the position is stored at the latest behind so many deliveries`() {
        var machine = DeliveryMachine(position: 0, at: start, random: LargestDelays())
        _ = machine.read(EventBatch(events: events(1...300), end: 300))
        var steps: [String] = []
        for _ in 0..<258 {
            let step = machine.next(at: start)
            steps.append(words(step))
            if case .save(let position) = step {
                machine.saved(position, at: start)
            } else {
                _ = machine.taken(at: start)
            }
        }
        #expect(
            steps.filter { $0.hasPrefix("save") } == ["save \(DeliveryMachine.unsavedLimit)"])
        #expect(steps.last == "deliver 257")
    }

    @Test func `before a pause the position is stored`() {
        var machine = DeliveryMachine(position: 0, at: start, random: LargestDelays())
        _ = machine.read(EventBatch(events: events(1...3), end: 3))
        _ = machine.taken(at: start)
        _ = fail(&machine, unavailable, at: .zero)
        #expect(words(machine.next(at: start)) == "save 1")
        machine.saved(1, at: start)
        #expect(words(machine.next(at: start)) == "pause 1")
        #expect(words(machine.next(at: start + .seconds(1))) == "deliver 2")
    }

    @Test func `a position that cannot be stored stops nothing, and is tried again later`() {
        var machine = DeliveryMachine(position: 0, at: start, random: LargestDelays())
        _ = machine.read(EventBatch(events: events(1...1), end: 1))
        _ = machine.taken(at: start)
        #expect(words(machine.next(at: start)) == "save 1")
        machine.saveFailed(at: start)
        #expect(words(machine.next(at: start)) == "read 1")
        #expect(machine.isUnsaved)
        #expect(words(machine.next(at: start + DeliveryMachine.savePause)) == "save 1")
    }

    @Test(
        "unwanted events move the stored position when they are many or it is old",
        arguments: [
            (Int64(255), Duration.zero, "read 255"), (256, .zero, "save 256"),
            (1, .seconds(9), "read 1"), (1, .seconds(10), "save 1"),
        ])
    func skipped(end: Int64, age: Duration, expected: String) {
        var machine = DeliveryMachine(position: 0, at: start, random: LargestDelays())
        _ = machine.read(EventBatch(events: [], end: end))
        #expect(words(machine.next(at: start + age)) == expected)
    }

    @Test func `retries double up to the longest, and begin anew after a success`() {
        var machine = DeliveryMachine(position: 0, at: start, random: LargestDelays())
        _ = machine.read(EventBatch(events: events(1...2), end: 2))
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            _ = fail(&machine, unavailable, at: .zero)
            #expect(words(machine.next(at: start)) == "pause \(seconds)")
        }
        _ = machine.taken(at: start)
        _ = fail(&machine, unavailable, at: .zero)
        machine.saved(1, at: start)
        #expect(words(machine.next(at: start)) == "pause 1")
    }

    @Test(arguments: [(Duration.seconds(120), Int64(120)), (.zero, 1)])
    func `what the target asks for is waited at least`(asked: Duration, seconds: Int64) {
        var machine = DeliveryMachine(position: 0, at: start, random: LargestDelays())
        _ = machine.read(EventBatch(events: events(1...1), end: 1))
        _ = fail(
            &machine, .status(429, location: nil, retryAfter: asked), at: .zero)
        #expect(words(machine.next(at: start)) == "pause \(seconds)")
    }

    @Test func `each kind of trouble is told once, and its end`() {
        var machine = DeliveryMachine(position: 0, at: start, random: LargestDelays())
        _ = machine.read(EventBatch(events: events(1...2), end: 2))
        let gone = DeliveryFailure.status(410, location: nil, retryAfter: nil)
        #expect(fail(&machine, unavailable, at: .zero) == .failing(unavailable.reason))
        #expect(fail(&machine, unavailable, at: .seconds(1)) == nil)
        #expect(fail(&machine, gone, at: .seconds(2)) == .failing(gone.reason))
        #expect(fail(&machine, unavailable, at: .seconds(3)) == nil)
        #expect(fail(&machine, gone, at: .seconds(4)) == nil)
        #expect(
            machine.taken(at: start + .seconds(9)) == .recovered(failures: 5, after: .seconds(9)))
        #expect(fail(&machine, gone, at: .seconds(10)) == .failing(gone.reason))
    }

    @Test(arguments: [(Int64(0), Int64?.none), (5, nil), (6, nil), (9, 3)])
    func `deleted events are told, and the rest goes on`(oldest: Int64, missed: Int64?) {
        var machine = DeliveryMachine(position: 5, at: start, random: LargestDelays())
        let report = machine.read(
            EventBatch(events: events(10...10), end: 10, oldest: oldest))
        #expect(report == missed.map { .missed($0) })
        #expect(words(machine.next(at: start)) == "deliver 10")
    }

    @Test(
        arguments: [
            (301, "redirects are not followed"), (410, "gone"), (403, "secret"),
            (500, "answered 500"),
        ])
    func `a refusal says what to do about it`(status: Int, words: String) {
        let failure = DeliveryFailure.status(
            status, location: "https://other.example/new?token=1", retryAfter: nil)
        #expect(failure.reason.contains(words))
        #expect(!failure.reason.contains("token"))
    }
}

/// Random numbers by which each delay is as long as it can be.
private struct LargestDelays: RandomNumberGenerator, Sendable {
    mutating func next() -> UInt64 { .max }
}
