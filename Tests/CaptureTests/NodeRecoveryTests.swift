import Dispatch
import LogModel
import Testing

@testable import Capture

@Suite("A node that answers again", .timeLimit(.minutes(5)))
struct NodeRecoveryTests {
    private static func follower(_ number: Int) -> StreamID {
        StreamID(podUID: "u\(number)", container: "c", attempt: 0)
    }

    /// What a follower hears that looks and does not wait.
    private static func heard(_ signals: InstanceSignals) async -> FollowerEvent? {
        await signals.next(until: .now)
    }

    @Test("wakes each follower that waits for it once, whoever is answered first")
    func everyone() async {
        let recovery = NodeRecovery()
        let waiting = (0..<6).map { _ in InstanceSignals() }
        DispatchQueue.concurrentPerform(iterations: waiting.count) { number in
            let node = "node-\(number % 2)"
            for _ in 0..<3_000 {
                recovery.wait(Self.follower(number), on: node, waiting[number])
                recovery.answered(by: node)
            }
        }
        for signals in waiting { #expect(await Self.heard(signals) == .nodeAnswered) }
        for node in 0..<2 { recovery.answered(by: "node-\(node)") }
        for signals in waiting { #expect(await Self.heard(signals) == .timer) }
    }

    @Test("wakes nobody who waits for another node, or does not wait any more")
    func others() async {
        let recovery = NodeRecovery()
        let (here, elsewhere, gone) = (InstanceSignals(), InstanceSignals(), InstanceSignals())
        recovery.wait(Self.follower(1), on: "a", here)
        recovery.wait(Self.follower(2), on: "b", elsewhere)
        recovery.wait(Self.follower(3), on: "a", gone)
        recovery.forget(Self.follower(3), on: "a")
        recovery.answered(by: "a")
        #expect(await Self.heard(here) == .nodeAnswered)
        #expect(await Self.heard(elsewhere) == .timer)
        #expect(await Self.heard(gone) == .timer)
    }
}
