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
    package static let presets: [KeyRule] =
        [kubeflowPipelines, argoWorkflows, tekton, jobSet, volcano, kubeflowTraining]
        + [gitLabRunner, woodpecker, jenkins, prow, airflow, job]

    /// Tries of a step are nodes of their own, `etl.load(0)`, `etl.load(1)`; items of a loop,
    /// `etl.load(0:a)`, are jobs of their own. The container `wait` only carries results away.
    private static let argoWorkflows = KeyRule(
        name: "argo-workflows", workflow: [.label("workflows.argoproj.io/workflow")],
        job: [.annotation("workflows.argoproj.io/node-name", .untried)],
        containers: .names("main"))

    /// Its workflows are run by Argo Workflows.
    private static let kubeflowPipelines = KeyRule(
        name: "kubeflow-pipelines",
        workflow: [.annotation("pipelines.kubeflow.org/run_name"), .label("pipeline/runid")],
        job: argoWorkflows.job, containers: argoWorkflows.containers)

    /// A task with a matrix has one TaskRun for each combination, `RUN-build-0`, `RUN-build-1`, and
    /// nothing else tells these apart. Sidecars are stopped by an image that does not know their
    /// command, and may fail of it.
    private static let tekton = KeyRule(
        name: "tekton", workflow: [.label("tekton.dev/pipelineRun"), .label("tekton.dev/taskRun")],
        stage: [.label("tekton.dev/memberOf")],
        job: [
            .label("tekton.dev/taskRun", .after(label: "tekton.dev/pipelineRun")),
            .label("tekton.dev/pipelineTask"),
        ],
        containers: .names("step-*"))

    private static let jobSet = KeyRule(
        name: "jobset", workflow: [.label("jobset.sigs.k8s.io/jobset-name")],
        stage: [.label("jobset.sigs.k8s.io/replicatedjob-name")],
        job: [.label("batch.kubernetes.io/job-name"), .label("job-name")])

    private static let volcano = KeyRule(
        name: "volcano",
        workflow: [.annotation("volcano.sh/job-name"), .label("volcano.sh/job-name")],
        stage: [.annotation("volcano.sh/task-spec"), .label("volcano.sh/task-spec")],
        job: [
            .annotations("volcano.sh/task-spec", "volcano.sh/task-index"),
            .labels("volcano.sh/task-spec", "volcano.sh/task-index"),
        ])

    /// The operator, too, asks only the container of this name how a replica has ended.
    private static let kubeflowTraining = KeyRule(
        name: "kubeflow-training", workflow: [.label("training.kubeflow.org/job-name")],
        stage: [.label("training.kubeflow.org/replica-type")],
        job: [
            .labels("training.kubeflow.org/replica-type", "training.kubeflow.org/replica-index")
        ],
        containers: .names("pytorch", "tensorflow", "xgboost", "mpi", "paddle", "jax", "mxnet"))

    /// Nothing on the Pod names the pipeline: the jobs of one commit of a project are a workflow. The
    /// label is the same for all jobs that one slot of a runner takes, one after the other: it is for
    /// old runners, which write no annotations.
    private static let gitLabRunner = KeyRule(
        name: "gitlab-runner",
        workflow: [
            .annotations("project.runner.gitlab.com/id", "job.runner.gitlab.com/sha"),
            .label("job.runner.gitlab.com/pod"),
        ],
        job: [.annotation("job.runner.gitlab.com/name"), .label("job.runner.gitlab.com/pod")],
        containers: .names("build"))

    private static let woodpecker = KeyRule(
        name: "woodpecker", workflow: [.label("woodpecker-ci.org/task-uuid")],
        job: [.label("woodpecker-ci.org/step")])

    private static let jenkins = KeyRule(
        name: "jenkins", workflow: [.annotation("runUrl"), .annotation("buildUrl")],
        job: [.label("jenkins/label")], containers: .names("jnlp"))

    private static let prow = KeyRule(
        name: "prow", workflow: [.label("prow.k8s.io/id")],
        job: [.annotation("prow.k8s.io/job"), .label("prow.k8s.io/job")],
        containers: .names("test"))

    /// Executor Pods have full names in annotations, those of the Pod operator have labels alone.
    /// Tries have the same keys but `try_number`: they are one job.
    private static let airflow = KeyRule(
        name: "airflow",
        workflow: [
            .annotations("dag_id", "run_id"), .labels("dag_id", "run_id"),
            .labels("dag_id", "execution_date"), .label("dag_id"),
        ],
        job: [
            .annotations("task_id", "map_index"), .labels("task_id", "map_index"),
            .annotation("task_id"), .label("task_id"),
        ],
        containers: .names("base"))

    private static let job = KeyRule(
        name: "job", job: [.label("batch.kubernetes.io/job-name"), .label("job-name")])
}
