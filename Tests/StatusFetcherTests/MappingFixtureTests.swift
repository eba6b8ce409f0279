import Foundation
import Kubernetes
import LogModel
import Testing

@testable import StatusFetcher

/// Pods as the systems really make them, in `Fixtures`, through the real decoding.
@Suite("Pods of each known system")
struct MappingFixtureTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let file: String
        let workflow: String
        var stage: String?
        let job: String
        var completion: Int?
        let counting: Set<String>
        let status: JobStatus
        var outcome: JobOutcome?
        var reason: String?
        var exitCode: Int?
        var trailing: Set<String>?
        var testDescription: String { file }
    }

    static let rows: [Row] = [
        Row(
            file: "argo-workflows", workflow: "nightly-etl-8xk2p",
            job: "nightly-etl-8xk2p.load(3:orders)", counting: ["main"], status: .end,
            outcome: .failure, reason: "OOMKilled", exitCode: 137),
        Row(
            file: "kubeflow-pipelines", workflow: "Churn training of 2 March",
            job: "churn-training-t9v4d.root.train.executor", counting: ["main"], status: .end,
            outcome: .success, reason: "Completed", exitCode: 0),
        Row(
            file: "tekton", workflow: "release-9w4hs", stage: "tasks", job: "unit-tests-1",
            counting: ["step-checkout", "step-test"], status: .end, outcome: .success,
            reason: "Completed", exitCode: 0),
        Row(
            file: "job", workflow: "index-rebuild", job: "index-rebuild", completion: 1,
            counting: ["rebuild"], status: .end, outcome: .failure, reason: "Error", exitCode: 3,
            trailing: ["istio-proxy"]),
        Row(
            file: "jobset", workflow: "llm-pretrain", stage: "workers",
            job: "llm-pretrain-workers-0", completion: 2, counting: ["trainer"], status: .running),
        Row(
            file: "volcano", workflow: "mpi-solve", stage: "worker", job: "worker.1",
            counting: ["worker"], status: .end, outcome: .failure, reason: "Evicted",
            exitCode: 137),
        Row(
            file: "kubeflow-training", workflow: "bert-finetune", stage: "worker", job: "worker.0",
            counting: ["pytorch"], status: .scheduling, reason: "ImagePullBackOff"),
        Row(
            file: "gitlab-runner", workflow: "417.9505cacb7c710ed17125fcc6cb3669e8ddca6c8c",
            job: "test: [linux, amd64]", counting: ["build"], status: .running),
        Row(
            file: "woodpecker", workflow: "23988", job: "lint",
            counting: ["wp-01hr1x8m5e7r0k3v9z2c4b6n8q"], status: .end, outcome: .success,
            reason: "Completed", exitCode: 0),
        Row(
            file: "jenkins", workflow: "job_shop-release_12_", job: "shop-release_12-3kq9v",
            counting: ["jnlp"], status: .running),
        Row(
            file: "prow", workflow: "5f0d5d0e-3c2b-4c0b-8f6f-2a9a5c1f7e11",
            job: "periodic-platform-e2e-upgrade-from-stable-to-main-with-a-large-cluster-serial",
            counting: ["test"], status: .end, outcome: .failure, reason: "Error", exitCode: 1),
        Row(
            file: "airflow-executor",
            workflow: "sales_report.scheduled__2026-03-02T06:00:00+00:00",
            job: "aggregate.region.4", counting: ["base"], status: .end, outcome: .success,
            reason: "Completed", exitCode: 0),
        Row(
            file: "airflow-pod-operator",
            workflow: "sales_report.manual__2026-03-02T0859590000-62c66a7a5",
            job: "extract_orders", counting: ["base"], status: .end, outcome: .success,
            reason: "Completed", exitCode: 0, trailing: ["airflow-xcom-sidecar"]),
        Row(
            file: "flyte", workflow: "workflows-main.f3a9c1d7e5b2", stage: "development", job: "n1",
            counting: ["f3a9c1d7e5b2-n1-0"], status: .end, outcome: .success, reason: "Completed",
            exitCode: 0, trailing: ["uploader"]),
    ]

    /// A system that Podwire does not know, described in the settings.
    static func flyte() throws -> KeyRule {
        KeyRule(
            name: "flyte",
            workflow: [try KeyTemplate("{label:workflow-name}.{label:execution-id}")],
            stage: [try KeyTemplate("{label:domain}")], job: [try KeyTemplate("{label:node-id}")],
            containers: [try ContainerPattern("?*-n*-?")])
    }

    @Test("map to workflow, stage, job, the containers that count, and a status", arguments: rows)
    func fixture(row: Row) throws {
        let pod = try Self.pod(row.file)
        let membership = JobMapping(extra: [try Self.flyte()]).membership(of: pod)
        #expect(
            membership.key
                == JobKey(namespace: pod.metadata.namespace, workflow: row.workflow, job: row.job))
        #expect(membership.stage == row.stage)
        #expect(membership.completionIndex == row.completion)
        #expect(membership.counting == row.counting)
        let owner = pod.metadata.ownerReferences.first { $0.apiVersion == "batch/v1" }
        #expect(membership.owner?.uid == owner?.uid)
        let state = PodState(pod, membership)
        #expect(state.status == row.status)
        #expect(state.outcome == row.outcome)
        #expect(state.reason == row.reason)
        #expect(state.exitCode == row.exitCode)
        #expect(state.trailing == row.trailing)
        let started = pod.containers.filter { $0.status?.hasLog == true }.map(\.name)
        #expect(state.instances.map(\.container) == started, "every log is followed")
    }

    @Test("every fixture is in the table")
    func isComplete() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.directory.path)
        #expect(Set(files) == Set(Self.rows.map { $0.file + ".json" }))
    }

    @Test("tries of one job have its name, whatever tells the tries apart")
    func tries() throws {
        let mapping = JobMapping()
        var pod = try Self.pod("argo-workflows")
        let job = mapping.membership(of: pod).key
        pod.metadata.name += "-2"
        pod.metadata.annotations["workflows.argoproj.io/node-name"] =
            "nightly-etl-8xk2p.load(3:orders)(2)"
        #expect(mapping.membership(of: pod).key == job)

        pod = try Self.pod("airflow-executor")
        let task = mapping.membership(of: pod).key
        pod.metadata.labels["try_number"] = "3"
        pod.metadata.annotations["try_number"] = "3"
        #expect(mapping.membership(of: pod).key == task)
        pod.metadata.labels["map_index"] = "5"
        pod.metadata.annotations["map_index"] = "5"
        #expect(mapping.membership(of: pod).key.job == "aggregate.region.5")
    }

    @Test("Podwire's own labels name the job, and the system's rule still says what counts")
    func ownLabelsOnKnownSystem() throws {
        var pod = try Self.pod("tekton")
        pod.metadata.labels["podwire.dev/workflow"] = "release"
        let membership = JobMapping().membership(of: pod)
        #expect(membership.key.workflow == "release")
        #expect(membership.counting == ["step-checkout", "step-test"])
    }

    private static let directory = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().appendingPathComponent("Fixtures")

    private static func pod(_ file: String) throws -> Pod {
        let data = try Data(contentsOf: directory.appendingPathComponent(file + ".json"))
        return try JSONDecoder().decode(Pod.self, from: data)
    }
}
