import Testing

@testable import Capture

@Suite("Signals to a follower", .timeLimit(.minutes(5)))
struct InstanceSignalsTests {
    private static let ended = InstanceState.terminated(.init(exitCode: 3))

    @Test("reach it while others go on posting, none of them late")
    func manyPosters() async {
        let signals = InstanceSignals()
        async let posts: Void = withTaskGroup(of: Void.self) { group in
            for state in [InstanceState.waiting, .running, Self.ended] {
                group.addTask {
                    for _ in 0..<10_000 {
                        signals.post(state)
                        signals.nudge()
                    }
                }
            }
            await group.waitForAll()
            signals.post(.gone)
        }
        var heard: [FollowerEvent] = []
        repeat {
            guard let event = await signals.next(until: nil) else { break }
            heard.append(event)
        } while heard.last != .changed(.gone)
        await posts
        #expect(heard.last == .changed(.gone))
        #expect(heard.contains(.changed(Self.ended)))
        #expect(signals.take() == nil)
    }

    @Test("are kept until it asks, the latest of each kind, in the order they came")
    func kept() {
        let signals = InstanceSignals()
        for state in [InstanceState.running, .terminated(.init()), Self.ended] {
            signals.post(state)
        }
        #expect(signals.take() == .running)
        #expect(signals.take() == Self.ended)
        #expect(signals.take() == nil)
    }

    @Test("end a wait that has no deadline", arguments: [FollowerEvent.timer, .nodeAnswered])
    func wakes(_ event: FollowerEvent) async {
        let signals = InstanceSignals()
        async let next = signals.next(until: nil)
        if event == .timer { signals.nudge() } else { signals.nodeAnswered() }
        #expect(await next == event)
    }

    @Test("are waited for up to the deadline, and not at all by a cancelled task")
    func deadline() async {
        let signals = InstanceSignals()
        #expect(await signals.next(until: .now + .milliseconds(1)) == .timer)
        let waiting = Task { await signals.next(until: nil) }
        waiting.cancel()
        #expect(await waiting.value == nil)
    }
}
