import Kubernetes
import LogModel
import Testing

@testable import StatusFetcher

/// How Pods come to their end, and what is kept of why: as kubelets and controllers of several
/// versions write it.
@Suite("The reason of a Pod's end is kept")
struct PodReasonsTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let what: String
        let pod: Pod
        let status: JobStatus
        var outcome: JobOutcome?
        var reason: String?
        var exitCode: Int?
        var message: String?
        var testDescription: String { what }
    }

    static func condition(
        _ type: String, _ isTrue: Bool, _ reason: String, _ message: String? = nil
    )
        -> Pod.Condition
    {
        Pod.Condition(
            type: type, status: isTrue ? "True" : "False", reason: reason, message: message)
    }

    /// A Pod of one container that has run and was failed as a whole.
    static func failed(_ reason: String, _ message: String? = nil, exitCode: Int? = 137) -> Pod {
        var pod = PodFixture.pod(
            phase: "Failed", state: exitCode.map { PodFixture.termination($0) }, node: "n",
            reason: reason)
        pod.status.message = message
        return pod
    }

    /// A Pod that is bound and whose container waits.
    static func waiting(_ reason: String, _ message: String = "text") -> Pod {
        PodFixture.pod(state: .waiting(reason: reason, message: message), node: "n")
    }

    static let containers: [Row] = [
        Row(
            what: "exit code 3", pod: PodFixture.ended(exitCode: 3), status: .end,
            outcome: .failure, reason: "Error", exitCode: 3,
            message: "container main exited with code 3"),
        Row(
            what: "SIGTERM", pod: PodFixture.ended(exitCode: 143), status: .end, outcome: .failure,
            reason: "Error", exitCode: 143, message: "container main exited with code 143 (SIGTERM)"
        ),
        Row(
            what: "SIGKILL", pod: PodFixture.ended(exitCode: 137), status: .end, outcome: .failure,
            reason: "Error", exitCode: 137, message: "container main exited with code 137 (SIGKILL)"
        ),
        Row(
            what: "out of memory", pod: PodFixture.ended(exitCode: 137, reason: "OOMKilled"),
            status: .end, outcome: .failure, reason: "OOMKilled", exitCode: 137),
        Row(
            what: "out of memory in a child, which the container outlives",
            pod: PodFixture.ended(exitCode: 0, reason: "OOMKilled"), status: .end,
            outcome: .success, reason: "Completed", exitCode: 0,
            message: "container main exited with code 0, with the reason OOMKilled"),
        Row(
            what: "a command that is not there",
            pod: PodFixture.ended(exitCode: 128, reason: "StartError"), status: .end,
            outcome: .failure, reason: "StartError", exitCode: 128),
        Row(
            what: "between two tries",
            pod: PodFixture.pod(
                phase: "Running",
                state: .waiting(reason: "CrashLoopBackOff", message: "back-off 5m"),
                lastState: PodFixture.termination(137, reason: "OOMKilled"), restarts: 4, node: "n"),
            status: .running, reason: "CrashLoopBackOff", message: "back-off 5m"),
        Row(
            what: "an init container between two tries",
            pod: PodFixture.withInit(
                PodFixture.pod(state: .waiting(reason: "PodInitializing", message: nil), node: "n"),
                .waiting(reason: "CrashLoopBackOff", message: "back-off 10s")),
            status: .scheduling, reason: "CrashLoopBackOff", message: "back-off 10s"),
        Row(
            what: "an init container failed",
            pod: PodFixture.withInit(
                PodFixture.pod(
                    phase: "Failed", state: .waiting(reason: "PodInitializing", message: nil),
                    node: "n"), PodFixture.termination(2)),
            status: .end, outcome: .failure, reason: "Error", exitCode: 2,
            message: "init container prepare exited with code 2"),
        Row(
            what: "of several containers the first to fail",
            pod: PodFixture.several([("a", 143, 30), ("b", 7, 20), ("c", 0, 10)], phase: "Failed"),
            status: .end, outcome: .failure, reason: "Error", exitCode: 7,
            message: "container b exited with code 7"),
        Row(
            what: "of several that failed at once the first in the spec",
            pod: PodFixture.several([("a", 0, 20), ("b", 7, 20), ("c", 8, 20)], phase: "Failed"),
            status: .end, outcome: .failure, reason: "Error", exitCode: 7),
    ]

    static let starts: [Row] =
        StartFailure.reasons.sorted().map { reason in
            Row(
                what: "waits: \(reason)", pod: waiting(reason), status: .scheduling, reason: reason,
                message: "text")
        } + [
            Row(
                what: "no node fits",
                pod: PodFixture.pod(conditions: [
                    condition("PodScheduled", false, "Unschedulable", "0/3 nodes are available")
                ]), status: .scheduling, reason: "Unschedulable",
                message: "0/3 nodes are available"),
            Row(
                what: "held back by a scheduling gate",
                pod: PodFixture.pod(conditions: [
                    condition("PodScheduled", false, "SchedulingGated", "Scheduling is blocked")
                ]), status: .scheduling, reason: "SchedulingGated",
                message: "Scheduling is blocked"),
            Row(
                what: "failed while its image could not be pulled",
                pod: PodFixture.pod(
                    phase: "Failed", state: .waiting(reason: "ErrImagePull", message: "not found"),
                    node: "n"), status: .end, outcome: .failure, reason: "ErrImagePull",
                message: "not found"),
            Row(
                what: "past its deadline while its image could not be pulled",
                pod: PodFixture.pod(
                    phase: "Failed", state: .waiting(reason: "ImagePullBackOff", message: "m"),
                    node: "n", reason: "DeadlineExceeded"), status: .end, outcome: .timeout,
                reason: "DeadlineExceeded"),
        ]

    static let podwide: [Row] =
        [
            "Evicted", "Preempting", "NodeShutdown", "Terminated", "Shutdown", "OutOfcpu",
            "NodeAffinity", "UnexpectedAdmissionError",
        ].map { reason in
            Row(
                what: reason, pod: failed(reason, "so says the kubelet"), status: .end,
                outcome: .failure, reason: reason, exitCode: 137, message: "so says the kubelet")
        } + [
            Row(
                what: "evicted before it had a container", pod: failed("Evicted", exitCode: nil),
                status: .end, outcome: .failure, reason: "Evicted"),
            Row(
                what: "evicted, with a handler that exits with 0",
                pod: failed("Evicted", exitCode: 0), status: .end, outcome: .failure,
                reason: "Evicted", exitCode: 0),
            Row(
                what: "past its deadline", pod: failed("DeadlineExceeded"), status: .end,
                outcome: .timeout, reason: "DeadlineExceeded", exitCode: 137),
            Row(
                what: "past its deadline, its container running for ever, as 1.20 leaves it",
                pod: PodFixture.pod(
                    phase: "Failed", state: .running(startedAt: LogTime(seconds: 1010)),
                    node: "n", reason: "DeadlineExceeded"), status: .end, outcome: .timeout,
                reason: "DeadlineExceeded"),
            Row(
                what: "its node does not answer", pod: nodeLost, status: .running,
                reason: "NodeLost"),
            Row(
                what: "failed by the garbage collector of Pods",
                pod: PodFixture.pod(
                    phase: "Failed", state: .running(startedAt: LogTime(seconds: 1010)), node: "n",
                    conditions: [
                        condition(
                            "DisruptionTarget", true, "DeletionByPodGC", "node no longer exists")
                    ]), status: .end, outcome: .failure, reason: "DeletionByPodGC",
                message: "node no longer exists"),
            Row(
                what: "preempted for a more important Pod",
                pod: PodFixture.ended(
                    exitCode: 143, deletion: 1045, grace: 30,
                    conditions: [
                        condition("DisruptionTarget", true, "PreemptionByScheduler", "preempted")
                    ]
                ), status: .end, outcome: .failure, reason: "PreemptionByScheduler", exitCode: 143,
                message: "preempted"),
            Row(
                what: "succeeded although its node was being drained",
                pod: PodFixture.ended(conditions: [
                    condition("DisruptionTarget", true, "EvictionByEvictionAPI")
                ]), status: .end, outcome: .success, reason: "Completed", exitCode: 0),
        ]

    static let nodeLost: Pod = {
        var pod = PodFixture.running()
        pod.status.reason = "NodeLost"
        return pod
    }()

    @Test("by the table", arguments: containers + starts + podwide)
    func rule(row: Row) {
        let state = PodState(row.pod)
        #expect(state.status == row.status)
        #expect(state.outcome == row.outcome)
        #expect(state.reason == row.reason)
        #expect(state.exitCode == row.exitCode)
        if let message = row.message { #expect(state.message == message) }
    }

    static let deletions: [(what: String, pod: Pod, outcome: JobOutcome, reason: String)] = [
        ("while it runs", PodFixture.running(), .canceled, "Deleted"),
        (
            "before a node was found",
            PodFixture.pod(conditions: [
                condition("PodScheduled", false, "Unschedulable")
            ]), .canceled, "Deleted"
        ),
        (
            "while its image could not be pulled", waiting("ImagePullBackOff"), .failure,
            "ImagePullBackOff"
        ),
        (
            "while its ConfigMap was not there", waiting("CreateContainerConfigError"), .failure,
            "CreateContainerConfigError"
        ),
        ("while its containers were made", waiting("ContainerCreating"), .canceled, "Deleted"),
        ("with its node lost", nodeLost, .failure, "NodeLost"),
        (
            "by the taint manager",
            PodFixture.pod(
                phase: "Running", state: .running(startedAt: nil), node: "n",
                conditions: [condition("DisruptionTarget", true, "DeletionByTaintManager")]),
            .failure, "DeletionByTaintManager"
        ),
        (
            "by an eviction",
            PodFixture.pod(
                phase: "Running", state: .running(startedAt: nil), node: "n",
                conditions: [condition("DisruptionTarget", true, "EvictionByEvictionAPI")]),
            .failure, "EvictionByEvictionAPI"
        ),
        ("after it succeeded", PodFixture.ended(), .success, "Completed"),
        ("after it failed", PodFixture.ended(exitCode: 3), .failure, "Error"),
        (
            "and its containers ended of that",
            PodFixture.ended(exitCode: 143, deletion: 1045, grace: 30), .canceled, "Deleted"
        ),
        (
            "and exited with 0 of that", PodFixture.ended(exitCode: 0, deletion: 1049, grace: 30),
            .canceled, "Deleted"
        ),
        (
            "before a container had started, told as a failure",
            PodFixture.pod(
                phase: "Failed",
                state: .terminated(
                    Pod.Termination(exitCode: 137, reason: "ContainerStatusUnknown")),
                node: "n", deletion: 1045, grace: 30), .canceled, "Deleted"
        ),
    ]

    @Test("when a Pod is deleted", arguments: 0..<deletions.count)
    func deletion(index: Int) {
        let row = Self.deletions[index]
        let time = LogTime(seconds: 2000)
        let before = PodState(row.pod)
        let state = before.deleted(at: time)
        #expect(state.outcome == row.outcome, "\(row.what)")
        #expect(state.reason == row.reason, "\(row.what)")
        #expect(before.hasEnded ? state == before : state.endedAt == time, "\(row.what)")
    }

    @Test("what it had waited for is in the message of its deletion")
    func messageOfDeletion() {
        let time = LogTime(seconds: 2000)
        let pulling = PodState(Self.waiting("ErrImagePull", "no such image")).deleted(at: time)
        #expect(pulling.message?.contains("no such image") == true)
        let waiting = PodState(Self.deletions[1].pod).deleted(at: time)
        #expect(waiting.message?.contains("Unschedulable") == true)
    }
}
