extension KeyRule {
    /// Podwire's own keys. They go before all other rules.
    package static let own = KeyRule(
        name: "podwire", workflow: [.label("podwire.dev/workflow")],
        stage: [.label("podwire.dev/stage")], job: [.label("podwire.dev/job")])

    /// The systems that Podwire knows, in the order in which they are tried. A rule whose Pods also
    /// carry the keys of another system stands before that system's rule.
    ///
    /// Label values are cut at 63 characters by Kubernetes, so an annotation goes first where a
    /// system writes the full name into one.
    package static let presets: [KeyRule] = [
        KeyRule(
            name: "kubeflow-pipelines",
            workflow: [
                .annotation("pipelines.kubeflow.org/run_name"), .label("pipeline/runid"),
            ],
            job: [.annotation("workflows.argoproj.io/node-name")]),
        KeyRule(
            name: "argo-workflows", workflow: [.label("workflows.argoproj.io/workflow")],
            job: [.annotation("workflows.argoproj.io/node-name")]),
        KeyRule(
            name: "tekton",
            workflow: [.label("tekton.dev/pipelineRun"), .label("tekton.dev/taskRun")],
            job: [.label("tekton.dev/pipelineTask"), .label("tekton.dev/taskRun")]),
        KeyRule(
            name: "jobset", workflow: [.label("jobset.sigs.k8s.io/jobset-name")],
            stage: [.label("jobset.sigs.k8s.io/replicatedjob-name")],
            job: [.label("batch.kubernetes.io/job-name"), .label("job-name")]),
        KeyRule(
            name: "volcano",
            workflow: [.annotation("volcano.sh/job-name"), .label("volcano.sh/job-name")],
            stage: [.annotation("volcano.sh/task-spec"), .label("volcano.sh/task-spec")],
            job: [.labels("volcano.sh/task-spec", "volcano.sh/task-index")]),
        KeyRule(
            name: "kubeflow-training", workflow: [.label("training.kubeflow.org/job-name")],
            stage: [.label("training.kubeflow.org/replica-type")],
            job: [
                .labels(
                    "training.kubeflow.org/replica-type", "training.kubeflow.org/replica-index")
            ]),
        KeyRule(name: "gitlab-runner", job: [.label("job.runner.gitlab.com/pod")]),
        KeyRule(
            name: "woodpecker", workflow: [.label("woodpecker-ci.org/task-uuid")],
            job: [.label("woodpecker-ci.org/step")]),
        KeyRule(
            name: "jenkins", workflow: [.annotation("runUrl"), .annotation("buildUrl")],
            job: [.label("jenkins/label")]),
        KeyRule(
            name: "prow", workflow: [.label("prow.k8s.io/id")], job: [.label("prow.k8s.io/job")]),
        KeyRule(
            name: "airflow", workflow: [.labels("dag_id", "run_id"), .label("dag_id")],
            job: [.labels("task_id", "map_index"), .label("task_id")]),
        KeyRule(
            name: "job", job: [.label("batch.kubernetes.io/job-name"), .label("job-name")]),
    ]
}
