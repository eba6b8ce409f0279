import LogModel
import StatusModel
import Testing

@testable import StatusFetcher

@Suite("The Pods of a job")
struct JobPodsTests {
    private func pod(
        _ status: JobStatus, _ outcome: JobOutcome? = nil, index: Int? = nil, at second: Int64 = 1
    ) -> PodState {
        var state = PodState(status: status)
        state.outcome = outcome
        state.completionIndex = index
        state.createdAt = LogTime(seconds: second)
        state.startedAt = status == .running || status == .end ? LogTime(seconds: second + 1) : nil
        state.endedAt = status == .end ? LogTime(seconds: second + 2) : nil
        return state
    }

    @Test("of several tries of a completion the one created last counts")
    func tries() {
        var pods = JobPods()
        pods.put(pod(.end, .failure, index: 0, at: 1), "a")
        pods.put(pod(.end, .success, index: 1, at: 1), "b")
        #expect(JobState(pods).outcome == .failure)
        pods.put(pod(.running, index: 0, at: 5), "c")
        #expect(JobState(pods).status == .running)
        pods.put(pod(.end, .success, index: 0, at: 5), "c")
        #expect(JobState(pods).outcome == .success)
        #expect(pods.ended == 3 && pods.succeeded == 2)
    }

    @Test("sums that are kept are those that are counted anew", arguments: 0..<200 as Range<UInt64>)
    func sums(seed: UInt64) {
        var random = Draws(state: seed &* 104_729 &+ 3)
        var kept = JobPods()
        for _ in 0..<80 {
            let number = Int.random(in: 0..<12, using: &random)
            let uid = "pod-\(number)"
            if kept[uid]?.hasEnded == true { continue }
            let status =
                [JobStatus.pending, .scheduling, .running, .end]
                .randomElement(using: &random) ?? .pending
            let outcome: JobOutcome? =
                status == .end
                ? [.success, .failure, .timeout, .canceled].randomElement(using: &random) : nil
            kept.put(
                pod(
                    status, outcome, index: number < 9 ? number / 3 : nil,
                    at: Int64(number % 4)), uid)
            var anew = JobPods()
            for (uid, state) in kept.states.sorted(by: { $0.key > $1.key }) { anew.put(state, uid) }
            #expect(kept.ended == anew.ended && kept.succeeded == anew.succeeded)
            #expect(kept.haveCountingEnded == anew.haveCountingEnded)
            #expect(kept.hasCountingEnded == anew.hasCountingEnded)
            #expect(kept.leading?.status == anew.leading?.status)
            if kept.haveCountingEnded {
                #expect(kept.worst?.outcome == anew.worst?.outcome)
            }
            // One that has started is never taken back by the watch; here it may be.
            #expect(kept.startedAt?.nanoseconds ?? .max <= anew.startedAt?.nanoseconds ?? .max)
            #expect(kept.endedAt == anew.endedAt)
        }
    }
}
