import Kubernetes
import LogModel
import Testing

@testable import StatusFetcher

@Suite("Which workflow, stage and job a Pod belongs to")
struct JobMappingTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let system: String
        var labels: [String: String] = [:]
        var annotations: [String: String] = [:]
        var owner: String?
        let workflow: String
        var stage: String?
        let job: String
        var testDescription: String { system }
    }

    static let rows: [Row] = [
        Row(system: "a bare Pod", workflow: "p", job: "p"),
        Row(system: "a Job without labels", owner: "nightly", workflow: "nightly", job: "nightly"),
        Row(
            system: "a Job", labels: ["job-name": "nightly"], owner: "nightly",
            workflow: "nightly", job: "nightly"),
        Row(
            system: "own keys before all others",
            labels: [
                "podwire.dev/workflow": "w", "podwire.dev/stage": "s", "podwire.dev/job": "j",
                "workflows.argoproj.io/workflow": "argo",
            ], workflow: "w", stage: "s", job: "j"),
        Row(
            system: "own workflow, the Job's name", labels: ["podwire.dev/workflow": "w"],
            owner: "nightly", workflow: "w", job: "nightly"),
        Row(
            system: "own stage and job, no workflow",
            labels: ["podwire.dev/stage": "s", "podwire.dev/job": "j"], workflow: "j", stage: "s",
            job: "j"),
        Row(
            system: "own job, a Job", labels: ["podwire.dev/job": "j", "job-name": "nightly"],
            owner: "nightly", workflow: "j", job: "j"),
        Row(
            system: "own stage, a Job", labels: ["podwire.dev/stage": "s", "job-name": "nightly"],
            owner: "nightly", workflow: "nightly", stage: "s", job: "nightly"),
        Row(
            system: "own stage and job in another system's workflow",
            labels: [
                "podwire.dev/stage": "s", "podwire.dev/job": "j",
                "workflows.argoproj.io/workflow": "etl-x7",
            ], annotations: ["workflows.argoproj.io/node-name": "etl-x7.load"],
            workflow: "etl-x7", stage: "s", job: "j"),
        Row(
            system: "Argo Workflows", labels: ["workflows.argoproj.io/workflow": "etl-x7"],
            annotations: ["workflows.argoproj.io/node-name": "etl-x7.load(0)"],
            workflow: "etl-x7", job: "etl-x7.load"),
        Row(
            system: "Argo Workflows, an item of a loop",
            labels: ["workflows.argoproj.io/workflow": "etl-x7"],
            annotations: ["workflows.argoproj.io/node-name": "etl-x7.load(0:a)"],
            workflow: "etl-x7", job: "etl-x7.load(0:a)"),
        Row(
            system: "Kubeflow Pipelines",
            labels: ["pipeline/runid": "run-1", "workflows.argoproj.io/workflow": "wf"],
            annotations: [
                "pipelines.kubeflow.org/run_name": "training of Monday",
                "workflows.argoproj.io/node-name": "wf.train",
            ], workflow: "training of Monday", job: "wf.train"),
        Row(
            system: "Tekton",
            labels: [
                "tekton.dev/pipelineRun": "pr", "tekton.dev/pipelineTask": "build",
                "tekton.dev/taskRun": "pr-build",
            ], workflow: "pr", job: "build"),
        Row(
            system: "Tekton, a TaskRun with a shortened name",
            labels: [
                "tekton.dev/pipelineRun": "long-run", "tekton.dev/pipelineTask": "build",
                "tekton.dev/taskRun": "long-r0af3-build",
            ], workflow: "long-run", job: "long-r0af3-build"),
        Row(
            system: "Tekton, a TaskRun alone", labels: ["tekton.dev/taskRun": "tr"],
            workflow: "tr", job: "tr"),
        Row(
            system: "JobSet",
            labels: [
                "jobset.sigs.k8s.io/jobset-name": "js",
                "jobset.sigs.k8s.io/replicatedjob-name": "workers",
                "batch.kubernetes.io/job-name": "js-workers-0",
            ], owner: "js-workers-0", workflow: "js", stage: "workers", job: "js-workers-0"),
        Row(
            system: "Volcano",
            labels: [
                "volcano.sh/job-name": "v", "volcano.sh/task-spec": "ps",
                "volcano.sh/task-index": "1",
            ], workflow: "v", stage: "ps", job: "ps.1"),
        Row(
            system: "Kubeflow training",
            labels: [
                "training.kubeflow.org/job-name": "t",
                "training.kubeflow.org/replica-type": "worker",
                "training.kubeflow.org/replica-index": "0",
            ], workflow: "t", stage: "worker", job: "worker.0"),
        Row(
            system: "GitLab Runner", labels: ["job.runner.gitlab.com/pod": "runner-1"],
            workflow: "runner-1", job: "runner-1"),
        Row(
            system: "Woodpecker",
            labels: ["woodpecker-ci.org/task-uuid": "u", "woodpecker-ci.org/step": "lint"],
            workflow: "u", job: "lint"),
        Row(
            system: "Jenkins", labels: ["jenkins/label": "maven"],
            annotations: ["runUrl": "job/a/1/"], workflow: "job_a_1_", job: "maven"),
        Row(
            system: "Prow", labels: ["prow.k8s.io/id": "1", "prow.k8s.io/job": "unit"],
            workflow: "1", job: "unit"),
        Row(
            system: "Airflow",
            labels: ["dag_id": "d", "run_id": "r", "task_id": "t", "map_index": "2"],
            workflow: "d.r", job: "t.2"),
    ]

    @Test("by the key table", arguments: rows)
    func table(row: Row) {
        let owner = row.owner.map {
            Pod.OwnerReference(apiVersion: "batch/v1", kind: "Job", name: $0, uid: "job-uid")
        }
        let pod = PodFixture.pod(
            "p", labels: row.labels, annotations: row.annotations, owner: owner)
        let membership = JobMapping().membership(of: pod)
        #expect(
            membership.key
                == JobKey(namespace: "default", workflow: row.workflow, job: row.job))
        #expect(membership.stage == row.stage)
        #expect(membership.owner?.uid == owner?.uid)
    }

    @Test(
        "without keys the controller names workflow and job, else the Pod does",
        arguments: [
            ("batch/v1", "Job", "nightly", "nightly"),
            ("tekton.dev/v1", "TaskRun", "nightly", "nightly"),
            ("batch.volcano.sh/v1alpha1", "Job", "nightly", "p"),
            ("argoproj.io/v1alpha1", "Workflow", "nightly", "p"),
            ("apps/v1", "ReplicaSet", "p", "p"), ("v1", "Node", "p", "p"),
        ])
    func controllers(apiVersion: String, kind: String, workflow: String, job: String) {
        let owner = Pod.OwnerReference(
            apiVersion: apiVersion, kind: kind, name: "nightly", uid: "owner-uid")
        let membership = JobMapping().membership(of: PodFixture.pod("p", owner: owner))
        #expect(
            membership.key == JobKey(namespace: "default", workflow: workflow, job: job))
        let isBatch = apiVersion == "batch/v1"
        #expect(membership.owner?.uid == (isBatch ? "owner-uid" : nil))
    }

    @Test("an owner that is no controller names nothing")
    func mereOwner() {
        let owner = Pod.OwnerReference(
            apiVersion: "batch/v1", kind: "Job", name: "nightly", uid: "u", controller: false)
        let membership = JobMapping().membership(of: PodFixture.pod("p", owner: owner))
        #expect(membership.key.job == "p")
        #expect(membership.owner?.uid == nil)
    }

    @Test(
        "values that are no good names map to something stable",
        arguments: [
            ("", "p"), ("  \n", "p"), (" a b ", "a b"), ("a\u{0}b\nc", "a_b_c"), ("ä/ö", "ä_ö"),
            ("/a/", "_a_"),
        ])
    func oddValues(value: String, workflow: String) {
        let pod = PodFixture.pod("p", annotations: ["pipelines.kubeflow.org/run_name": value])
        #expect(JobMapping().membership(of: pod).key.workflow == workflow)
    }

    @Test("an oversized value is cut, and stays apart from others with the same beginning")
    func oversizedValues() {
        func workflow(_ value: String) -> String {
            let pod = PodFixture.pod("p", annotations: ["pipelines.kubeflow.org/run_name": value])
            return JobMapping().membership(of: pod).key.workflow
        }
        let exact = String(repeating: "x", count: 253)
        #expect(workflow(exact) == exact)
        let long = String(repeating: "x", count: 250_000)
        let names = [workflow(long), workflow(long + "y"), workflow(long)]
        #expect(names[0] == names[2])
        #expect(names[0] != names[1])
        #expect(names.allSatisfy { $0.count == 253 && $0.hasPrefix("xxx") })
        // The same digits in every run: what is stored is found again.
        #expect(workflow(exact + "x").hasSuffix("~f1fcf3fad1af23bd"))
    }

    @Test("rules of the settings go before the presets")
    func extraRules() throws {
        let rule = KeyRule(
            name: "mine", workflow: [try KeyTemplate("run-{label:team}.{annotation:run}")])
        let pod = PodFixture.pod(
            "p", labels: ["team": "a", "job-name": "j"], annotations: ["run": "7"])
        let key = JobMapping(extra: [rule]).membership(of: pod).key
        #expect(key == JobKey(namespace: "default", workflow: "run-a.7", job: "p"))
    }

    @Test(
        "a template that cannot work is refused with the reason",
        arguments: [
            ("fixed", "no placeholder"), ("{label:a", "without a }"), ("{lable:a}", "{label:KEY}"),
            ("{label:}", "{label:KEY}"), ("{label:a|b}", "|untried"),
            ("{label:a|after:}", "|after:"),
        ])
    func badTemplates(text: String, expected: String) {
        let error = #expect(throws: KeyTemplate.ParseError.self) { try KeyTemplate(text) }
        #expect(error?.description.contains(expected) == true)
    }
}
