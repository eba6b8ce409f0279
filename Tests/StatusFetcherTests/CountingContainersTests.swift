import Kubernetes
import LogModel
import Testing

@testable import StatusFetcher

@Suite("Which containers count")
struct CountingContainersTests {
    /// A container of a Pod: its name, its exit code (`nil` while it runs).
    typealias Container = (name: String, exitCode: Int?)

    static func pod(
        _ containers: [Container], phase: String, policy: String = "Never",
        labels: [String: String] = [:]
    ) -> Pod {
        var pod = PodFixture.pod("p", phase: phase, node: "n", labels: labels)
        pod.spec.restartPolicy = policy
        pod.spec.containers = containers.map { Pod.ContainerSpec(name: $0.name) }
        pod.status.containerStatuses = containers.map { container in
            Pod.ContainerStatus(
                name: container.name,
                state: container.exitCode.map { PodFixture.termination($0) }
                    ?? .running(startedAt: LogTime(seconds: 1010)))
        }
        return pod
    }

    static func state(_ pod: Pod, extra: [KeyRule] = []) -> PodState {
        PodState(pod, JobMapping(extra: extra).membership(of: pod))
    }

    static let argo = ["workflows.argoproj.io/workflow": "w"]
    static let tekton = ["tekton.dev/taskRun": "t"]
    static let prow = ["prow.k8s.io/id": "1"]

    @Test(
        "those of the first rule that names any, else all but the ignored, else all",
        arguments: [
            ([:], ["a", "b"], ["a", "b"]),
            ([:], ["a", "istio-proxy"], ["a"]),
            ([:], ["a", "linkerd-proxy", "istio-proxy"], ["a"]),
            ([:], ["istio-proxy"], ["istio-proxy"]),
            (argo, ["wait", "main"], ["main"]),
            (argo, ["wait", "first", "second"], ["wait", "first", "second"]),
            (tekton, ["step-a", "step-b", "sidecar-c"], ["step-a", "step-b"]),
            (tekton, ["istio-proxy", "step-a"], ["step-a"]),
            (prow, ["test", "sidecar"], ["test"]),
            (["dag_id": "d"], ["base", "airflow-xcom-sidecar"], ["base"]),
            (["job.runner.gitlab.com/pod": "r"], ["build", "helper", "svc-0"], ["build"]),
        ] as [([String: String], [String], Set<String>)])
    func choice(labels: [String: String], names: [String], counting: Set<String>) {
        let pod = Self.pod(names.map { ($0, nil) }, phase: "Running", labels: labels)
        #expect(JobMapping().membership(of: pod).counting == counting)
    }

    @Test("the settings' ignored containers replace the proxies")
    func ignored() throws {
        let pod = Self.pod([("a", nil), ("istio-proxy", nil), ("log-1", nil)], phase: "Running")
        let mapping = JobMapping(ignoring: [try ContainerPattern("log-*")])
        #expect(mapping.membership(of: pod).counting == ["a", "istio-proxy"])
        #expect(JobMapping(ignoring: []).membership(of: pod).counting.count == 3)
    }

    @Test(
        "globs",
        arguments: [
            ("main", "main", true), ("main", "main2", false), ("step-*", "step-", true),
            ("step-*", "my-step-a", false), ("*", "x", true), ("svc-?", "svc-1", true),
            ("svc-?", "svc-10", false), ("*-a-*b", "x-a-y-a-b", true), ("*a", "ab", false),
            ("a*b*c", "abcbc", true), ("a*b*c", "abcb", false), ("**", "", true),
        ])
    func globs(pattern: String, name: String, isMatch: Bool) throws {
        #expect(try ContainerPattern(pattern).matches(name) == isMatch)
    }

    @Test("what no container can be named is refused", arguments: ["", "Main", "a/b", "a b", "ä"])
    func badPatterns(pattern: String) {
        #expect(throws: ContainerPattern.ParseError.self) { try ContainerPattern(pattern) }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let what: String
        let pod: Pod
        let status: JobStatus
        var outcome: JobOutcome?
        var exitCode: Int?
        var trailing: Set<String>?
        var message: String?
        var testDescription: String { what }
    }

    static let rows: [Row] = [
        Row(
            what: "only an ignored container failed",
            pod: pod([("a", 0), ("istio-proxy", 137)], phase: "Failed"), status: .end,
            outcome: .success, exitCode: 0,
            message: "container istio-proxy exited with code 137 (SIGKILL); it does not count"),
        Row(
            what: "the work failed, the ignored container did not",
            pod: pod([("a", 4), ("istio-proxy", 0)], phase: "Failed"), status: .end,
            outcome: .failure, exitCode: 4, message: "container a exited with code 4"),
        Row(
            what: "the work is done, a proxy runs for ever",
            pod: pod([("a", 0), ("istio-proxy", nil)], phase: "Running"), status: .end,
            outcome: .success, exitCode: 0, trailing: ["istio-proxy"]),
        Row(
            what: "the work is done, a proxy runs for ever, and a sidecar with it",
            pod: with(pod([("a", 0), ("istio-proxy", nil)], phase: "Running")) {
                $0.spec.initContainers = [.init(name: "shipper", restartPolicy: "Always")]
                $0.status.initContainerStatuses = [
                    Pod.ContainerStatus(
                        name: "shipper", state: .running(startedAt: LogTime(seconds: 1005)))
                ]
            }, status: .end, outcome: .success, exitCode: 0,
            trailing: ["istio-proxy", "shipper"]),
        Row(
            what: "the work has failed, a proxy runs for ever",
            pod: pod([("a", 5), ("istio-proxy", nil)], phase: "Running"), status: .end,
            outcome: .failure, exitCode: 5, trailing: ["istio-proxy"]),
        Row(
            what: "a failed container is started again",
            pod: pod([("a", 5), ("istio-proxy", nil)], phase: "Running", policy: "OnFailure"),
            status: .running),
        Row(
            what: "a container that succeeded is not started again",
            pod: pod([("a", 0), ("istio-proxy", nil)], phase: "Running", policy: "OnFailure"),
            status: .end, outcome: .success, exitCode: 0, trailing: ["istio-proxy"]),
        Row(
            what: "a container is always started again",
            pod: pod([("a", 0), ("istio-proxy", nil)], phase: "Running", policy: "Always"),
            status: .running),
        Row(
            what: "one of two that count runs",
            pod: pod([("a", 0), ("b", nil), ("istio-proxy", nil)], phase: "Running"),
            status: .running),
        Row(
            what: "a container that counts runs on, and there is none to ignore",
            pod: pod([("a", 0), ("b", nil)], phase: "Running"), status: .running),
        Row(
            what: "all have ended, and the phase is late",
            pod: pod([("a", 0), ("b", 0)], phase: "Running"), status: .running),
        Row(
            what: "Tekton's steps are done, a sidecar failed of being stopped",
            pod: pod([("step-a", 0), ("sidecar-b", 1)], phase: "Failed", labels: tekton),
            status: .end, outcome: .success, exitCode: 0),
        Row(
            what: "evicted with exit codes of 0",
            pod: with(pod([("a", 0), ("istio-proxy", 0)], phase: "Failed")) {
                $0.status.reason = "Evicted"
            }, status: .end, outcome: .failure, exitCode: 0),
        Row(
            what: "only the proxy met the deadline",
            pod: with(pod([("a", 0), ("istio-proxy", 137)], phase: "Failed")) {
                $0.status.reason = "DeadlineExceeded"
                $0.status.startTime = LogTime(seconds: 1000)
                $0.spec.activeDeadlineSeconds = 100
            }, status: .end, outcome: .success, exitCode: 0),
        Row(
            what: "the work met the deadline, with a handler that exits with 0",
            pod: with(pod([("a", 0), ("istio-proxy", 137)], phase: "Failed")) {
                $0.status.reason = "DeadlineExceeded"
                $0.status.startTime = LogTime(seconds: 1000)
                $0.spec.activeDeadlineSeconds = 20
            }, status: .end, outcome: .timeout, exitCode: 0),
        Row(
            what: "only the proxy has started",
            pod: with(pod([("a", nil), ("istio-proxy", nil)], phase: "Pending")) {
                $0.status.containerStatuses[0].state = .waiting(
                    reason: "ErrImagePull", message: nil)
            }, status: .scheduling),
        Row(
            what: "rules of its own may start it again",
            pod: with(pod([("a", 5), ("istio-proxy", nil)], phase: "Running")) {
                $0.spec.containers[0].restartPolicy = "Never"
                $0.spec.containers[0].restartPolicyRules = [.init()]
            }, status: .running),
        Row(
            what: "deleted, and the proxy takes its time",
            pod: with(pod([("a", 143), ("istio-proxy", nil)], phase: "Running")) {
                $0.metadata.deletionTimestamp = LogTime(seconds: 1045)
                $0.metadata.deletionGracePeriodSeconds = 30
            }, status: .end, outcome: .canceled, exitCode: 143, trailing: ["istio-proxy"]),
    ]

    @Test("decide how the job ends, and when", arguments: rows)
    func rule(row: Row) {
        let state = Self.state(row.pod)
        #expect(state.status == row.status)
        #expect(state.outcome == row.outcome)
        #expect(state.exitCode == row.exitCode)
        #expect(state.trailing == row.trailing)
        if let message = row.message { #expect(state.message == message) }
        let logs = row.pod.containers.filter { $0.status?.hasLog == true }.map(\.name)
        #expect(state.instances.map(\.container) == logs, "every log is followed")
    }

    private static func with(_ pod: Pod, _ change: (inout Pod) -> Void) -> Pod {
        var pod = pod
        change(&pod)
        return pod
    }
}
