import Kubernetes
import LogModel
import Testing

@testable import StatusFetcher

@Suite("A Pod's status becomes a job's status")
struct PodStateTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let what: String
        let pod: Pod
        let status: JobStatus
        var outcome: JobOutcome?
        var reason: String?
        var exitCode: Int?
        var testDescription: String { what }
    }

    static let unschedulable = Pod.Condition(
        type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes")
    static let disrupted = Pod.Condition(
        type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler")

    static let rows: [Row] = [
        Row(what: "nobody looked at it yet", pod: PodFixture.pod(), status: .pending),
        Row(
            what: "no node fits", pod: PodFixture.pod(conditions: [unschedulable]),
            status: .scheduling, reason: "Unschedulable"),
        Row(
            what: "bound, containers being created",
            pod: PodFixture.pod(
                state: .waiting(reason: "ContainerCreating", message: nil), node: "n"),
            status: .scheduling),
        Row(
            what: "image cannot be pulled",
            pod: PodFixture.pod(
                state: .waiting(reason: "ImagePullBackOff", message: "Back-off"), node: "n"),
            status: .scheduling, reason: "ImagePullBackOff"),
        Row(what: "running", pod: PodFixture.running(), status: .running),
        Row(
            what: "between two tries of its container",
            pod: PodFixture.pod(
                phase: "Running", state: .waiting(reason: "CrashLoopBackOff", message: nil),
                lastState: PodFixture.termination(1), restarts: 2, node: "n"),
            status: .running, reason: "CrashLoopBackOff"),
        Row(
            what: "exited with 0", pod: PodFixture.ended(), status: .end, outcome: .success,
            reason: "Completed", exitCode: 0),
        Row(
            what: "exited with 3", pod: PodFixture.ended(exitCode: 3), status: .end,
            outcome: .failure, reason: "Error", exitCode: 3),
        Row(
            what: "out of memory", pod: PodFixture.ended(exitCode: 137, reason: "OOMKilled"),
            status: .end, outcome: .failure, reason: "OOMKilled", exitCode: 137),
        Row(
            what: "past its deadline",
            pod: PodFixture.ended(exitCode: 137, podReason: "DeadlineExceeded"), status: .end,
            outcome: .timeout, reason: "DeadlineExceeded", exitCode: 137),
        Row(
            what: "evicted before it had a container",
            pod: PodFixture.pod(phase: "Failed", node: "n", reason: "Evicted"), status: .end,
            outcome: .failure, reason: "Evicted"),
        Row(
            what: "killed because its deletion was asked for",
            pod: PodFixture.ended(exitCode: 143, deletion: 1045, grace: 30), status: .end,
            outcome: .canceled, reason: "Deleted", exitCode: 143),
        Row(
            what: "ended by itself, then deleted",
            pod: PodFixture.ended(exitCode: 3, deletion: 1060, grace: 30), status: .end,
            outcome: .failure, reason: "Error", exitCode: 3),
        Row(
            what: "taken away for a more important Pod",
            pod: PodFixture.ended(
                exitCode: 143, deletion: 1045, grace: 30, conditions: [disrupted]), status: .end,
            outcome: .failure, reason: "PreemptionByScheduler", exitCode: 143),
    ]

    @Test("by the table of the rules", arguments: rows)
    func rule(row: Row) {
        let state = PodState(row.pod)
        #expect(state.status == row.status)
        #expect(state.outcome == row.outcome)
        #expect(state.reason == row.reason)
        #expect(state.exitCode == row.exitCode)
    }

    @Test("a failing init container is named")
    func failingInitContainer() {
        var pod = PodFixture.pod(
            phase: "Failed", state: .waiting(reason: "PodInitializing", message: nil), node: "n")
        pod.spec.initContainers = [Pod.ContainerSpec(name: "prepare")]
        pod.status.initContainerStatuses = [
            Pod.ContainerStatus(name: "prepare", state: PodFixture.termination(2))
        ]
        let state = PodState(pod)
        #expect(state.outcome == .failure)
        #expect(state.exitCode == 2)
        #expect(state.message == "init container prepare exited with code 2")
        #expect(state.instances == [PodState.Instance(container: "prepare", attempt: 0)])
    }

    @Test("numbers that no cluster should send are no crash")
    func extremeNumbers() {
        let calledOff = PodFixture.ended(exitCode: 1, deletion: 2000, grace: .min)
        #expect(PodState(calledOff).outcome == .failure)
        var pod = PodFixture.ended(podReason: "DeadlineExceeded")
        pod.spec.containers.append(Pod.ContainerSpec(name: "proxy"))
        pod.spec.activeDeadlineSeconds = .max
        pod.status.phase = "Failed"
        pod.status.startTime = LogTime(seconds: 1000)
        #expect(PodState(pod, counting: ["main"]).outcome == .success)
    }
}
