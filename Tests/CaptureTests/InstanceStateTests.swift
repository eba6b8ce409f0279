import Kubernetes
import Testing

@testable import Capture

@Suite struct InstanceStateTests {
    /// An attempt, the restart count of the status, and what is certain of the instance then.
    @Test(arguments: [
        (0, 0, InstanceState.running), (1, 0, .waiting), (0, 1, .replaced(.init())),
        (0, 2, .outOfReach(.init())), (0, Int.max, .outOfReach(.init())),
        (Int.max, Int.min, .waiting),
    ])
    func theRestartCountTellsWhichInstanceRuns(attempt: Int, count: Int, expected: InstanceState) {
        let status = Pod.ContainerStatus(
            name: "main", restartCount: count, state: .running(startedAt: nil),
            lastState: .unknown)
        #expect(InstanceState(attempt: attempt, of: status) == expected)
    }
}
