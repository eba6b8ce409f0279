package import Kubernetes
package import LogModel

/// Answers: which workflow, stage and job is this Pod, and which of its containers do the work?
///
/// The key table is tried from the top; the first rule that matches wins, but Podwire's own labels
/// name the stage and the job of a Pod in the workflow of any rule. What it does not say comes from
/// the Pod's controller, else from the Pod's own name:
///
/// | controller | workflow | job |
/// | --- | --- | --- |
/// | a Job of `batch` | the Job's name | the Job's name |
/// | a TaskRun of Tekton | its name | its name |
/// | none, a kind of `apps`, a Node, … | the job's name | the Pod's name |
/// | any other: a Workflow, a Job of Volcano, … | its name | the Pod's name |
package struct JobMapping: Sendable {
    /// What a Pod belongs to.
    package struct Membership: Sendable, Equatable {
        /// Namespace, workflow and job.
        package let key: JobKey
        /// The stage within the workflow, where the system has stages.
        package let stage: String?
        /// The Job that owns the Pod; `nil` for a Pod that no Job owns. Pods of one owner are always
        /// one job.
        package let owner: JobOwner?
        /// Which of a Job's completions this Pod works on, for indexed Jobs.
        package let completionIndex: Int?
        /// The main containers that do the job's work: their exit codes decide how it ends, their
        /// lines are looked through for outputs. Those that the first matching rule with
        /// ``KeyRule/containers`` names; where none does, or none of them is there, all but the
        /// ignored ones; where nothing is left, all.
        package let counting: Set<String>
        /// Whether no rule names a workflow, so that the job is a workflow of its own.
        package let isAlone: Bool
    }

    /// The proxies that service meshes put into Pods, where they may outlive the work.
    package static let meshProxies: [ContainerPattern] = .names("istio-proxy", "linkerd-proxy")

    private let rules: [KeyRule]
    private let ignored: [ContainerPattern]

    /// - Parameters:
    ///   - extra: rules of the settings, tried behind Podwire's own keys and before the presets.
    ///   - ignored: containers that do not count where no rule names those that do.
    package init(extra: [KeyRule] = [], ignoring ignored: [ContainerPattern] = meshProxies) {
        rules = [.own] + extra + KeyRule.presets
        self.ignored = ignored
    }

    /// What `pod` belongs to.
    package func membership(of pod: Pod) -> Membership {
        membership(
            of: pod.metadata, controller: pod.metadata.ownerReferences.first { $0.controller },
            containers: pod.spec.containers.map(\.name))
    }

    /// What the Pods of `job` belong to, before there is one: read from its template.
    package func membership(of job: BatchJob) -> Membership {
        var metadata = job.metadata
        metadata.labels = job.spec.template.labels
        metadata.annotations = job.spec.template.annotations
        let controller = OwnerReference(
            apiVersion: "batch/v1", kind: "Job", name: metadata.name, uid: metadata.uid)
        return membership(of: metadata, controller: controller, containers: [])
    }

    private func membership(
        of metadata: ObjectMetadata, controller: OwnerReference?, containers names: [String]
    ) -> Membership {
        var match: KeyRule.Match?
        var containers: [ContainerPattern] = []
        for rule in rules {
            guard let found = rule.match(metadata) else { continue }
            if match == nil { match = found }
            containers = rule.containers
            if !containers.isEmpty { break }
        }
        let role = controller.map(ControllerRole.init) ?? .none
        let name = KeyName.of(metadata.name) ?? metadata.uid
        let own = KeyRule.own.names(of: metadata)
        let job = own.job ?? match?.job ?? role.job ?? name
        let index = metadata.annotations["batch.kubernetes.io/job-completion-index"]
        return Membership(
            key: JobKey(
                namespace: metadata.namespace,
                workflow: match.map { $0.workflow ?? job } ?? role.workflow ?? job, job: job),
            stage: own.stage ?? match?.stage, owner: role.batchJob,
            completionIndex: index.flatMap { Int($0) },
            counting: counting(names, containers),
            isAlone: match?.workflow == nil && role.workflow == nil)
    }

    private func counting(_ names: [String], _ patterns: [ContainerPattern]) -> Set<String> {
        let named = names.filter { patterns.match($0) }
        if !named.isEmpty { return Set(named) }
        let kept = names.filter { !ignored.match($0) }
        return Set(kept.isEmpty ? names : kept)
    }
}

/// What the controller of a Pod is to its job.
private enum ControllerRole: Equatable {
    /// It says nothing of workflows.
    case none
    /// It is the job: a Job of `batch`, whose UID is that of the job.
    case batchJob(name: String, uid: String)
    /// It is the job.
    case job(name: String)
    /// It is the workflow, and the Pod is a job of it.
    case workflow(name: String)

    init(_ owner: Pod.OwnerReference) {
        let group = owner.apiVersion.contains("/") ? owner.apiVersion.prefix { $0 != "/" } : ""
        let name = KeyName.of(owner.name)
        switch (group, owner.kind, name) {
        case (_, _, nil), ("", _, _), ("apps", _, _): self = .none
        case ("batch", "Job", let name?): self = .batchJob(name: name, uid: owner.uid)
        case ("tekton.dev", "TaskRun", let name?): self = .job(name: name)
        case (_, _, let name?): self = .workflow(name: name)
        }
    }

    var job: String? {
        switch self {
        case .batchJob(let name, _), .job(let name): name
        case .none, .workflow: nil
        }
    }

    var workflow: String? {
        if case .workflow(let name) = self { name } else { nil }
    }

    var batchJob: JobOwner? {
        if case .batchJob(let name, let uid) = self { JobOwner(uid: uid, name: name) } else { nil }
    }
}
