import Testing

@testable import Capture

/// One API server that is out of reach, and all who want something of it.
@Suite struct UpstreamHealthTests {
    static let start = ContinuousClock.now

    @Test("one failure holds everyone back, and further ones of the same time change nothing")
    func oneFailure() throws {
        var health = UpstreamHealth(seed: 1)
        #expect(health.closedUntil == nil)
        health.lost(opening: 0, now: Self.start)
        let until = try #require(health.closedUntil)
        #expect(until > Self.start && until <= Self.start + UpstreamHealth.firstWait)
        for second in 0..<10_000 {
            health.lost(opening: 0, now: Self.start + .milliseconds(second))
        }
        #expect(health.closedUntil == until)
    }

    @Test("probes come ever more rarely, up to a limit, and one answer opens")
    func probes() throws {
        var health = UpstreamHealth(seed: 1)
        health.lost(opening: 0, now: Self.start)
        var waits: [Duration] = []
        for _ in 0..<12 {
            let due = try #require(health.closedUntil)
            health.probeFailed(now: due)
            waits.append(try #require(health.closedUntil) - due)
        }
        #expect(waits.allSatisfy { $0 <= UpstreamHealth.longestWait })
        #expect(try #require(waits.last) >= UpstreamHealth.longestWait / 2)
        health.probeAnswered()
        #expect(health.closedUntil == nil)
        // A request of before, failing late, does not close it again; one of now does.
        health.lost(opening: 0, now: Self.start)
        #expect(health.closedUntil == nil)
        health.lost(opening: health.opening, now: Self.start)
        #expect(try #require(health.closedUntil) <= Self.start + UpstreamHealth.firstWait)
    }

    @Test("429: nobody asks before the time that the server named")
    func refused() {
        var health = UpstreamHealth(seed: 1)
        health.refused(opening: 0, for: .seconds(7), now: Self.start)
        #expect(health.closedUntil == Self.start + .seconds(7))
    }

    /// A server that answers its probes as it is told, in this order.
    private actor ProbedServer {
        struct Unreachable: Error {}
        private var answers: [Bool]
        private(set) var probes = 0

        init(_ answers: [Bool]) { self.answers = answers }

        func probe() throws {
            probes += 1
            if answers.isEmpty || !answers.removeFirst() { throw Unreachable() }
        }
    }

    @Test("a gate in front of a dead server lets nobody out but its probes, then everyone")
    func gate() async {
        let gate = StartGate(rate: 10_000, seed: 1)
        let server = ProbedServer([false, false, true])
        let running = Task { await gate.run { try await server.probe() } }
        let ticket = await gate.pass(.follow)
        await gate.report(.lost, ticket: ticket)
        let waiting = (0..<500).map { number in
            Task { await gate.pass(number.isMultiple(of: 2) ? .follow : .status) }
        }
        for task in waiting { #expect(await task.value == ticket + 1) }
        #expect(await server.probes == 3)
        running.cancel()
        await running.value
        // What comes later is let through, to find itself cancelled.
        #expect(await gate.pass(.lastRead) == ticket + 1)
    }

    @Test("those who wait are served by urgency")
    func urgency() async {
        let gate = StartGate(rate: 1, seed: 1)
        let (order, served) = AsyncStream<StartGate.Purpose>.makeStream()
        // Closed, however long it takes until both are there.
        await gate.report(.lost, ticket: await gate.pass(.follow))
        let waiting = [StartGate.Purpose.follow, .lastRead].map { purpose in
            Task {
                _ = await gate.pass(purpose)
                served.yield(purpose)
            }
        }
        while await gate.waiting < 2 { await Task.yield() }
        let running = Task { await gate.run {} }
        var first = order.makeAsyncIterator()
        #expect(await first.next() == .lastRead)
        running.cancel()
        for task in waiting { await task.value }
        await running.value
    }
}
