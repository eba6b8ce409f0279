import LogModel

/// A Job's manifest: what was asked for, completed as the API server completes it.
struct JobManifest: Sendable, Equatable {
    /// `metadata.name`.
    let name: String
    /// `metadata.labels`.
    let labels: [String: String]
    /// `metadata.annotations`.
    let annotations: [String: String]
    /// `spec`, with the defaults and the labels of its UID.
    let spec: JSONValue
    /// What the controller makes of it.
    let parsed: JobSpec

    /// Annotations of a Job that say what its controller does.
    ///
    /// | key | value | default |
    /// | --- | --- | --- |
    /// | `backoff` | duration from the first failure in a row to the next Pod | 1s |
    /// | `failing-pods` | how many Pods, from the first on, exit with 1 | 0 |
    private static let keys: Set<String> = ["backoff", "failing-pods"]

    /// Fields that change what a Job does, in ways that are not simulated.
    private static let unsupported = [
        "podFailurePolicy", "successPolicy", "backoffLimitPerIndex", "maxFailedIndexes",
    ]

    /// Reads the manifest of a Job with this UID.
    ///
    /// - Throws: `422` with every problem named, `400` for another kind of object.
    init(
        _ manifest: JSONValue, namespace: String, uid: String, suffix: () -> String
    ) throws(StatusError) {
        guard case .object = manifest, manifest["kind"].map({ $0 == "Job" }) ?? true else {
            throw .badRequest("the object provided is unrecognized (must be of type Job)")
        }
        let metadata = manifest["metadata"] ?? [:]
        if let other = metadata["namespace"]?.string, other != namespace {
            throw .badRequest(
                "the namespace of the provided object does not match the namespace sent on the "
                    + "request")
        }
        var name = metadata["name"]?.string ?? ""
        if name.isEmpty, let start = metadata["generateName"]?.string { name = start + suffix() }
        let spec = Self.completed(manifest["spec"] ?? [:], job: name, uid: uid)
        var causes = PodManifest.nameCauses(name)
        let annotations = metadata["annotations"]?.strings ?? [:]
        parsed = Self.parse(spec, annotations, &causes)
        // A Job without labels is shown with those of its Pods, as the API server's defaults have it.
        let own = metadata["labels"]?.strings ?? [:]
        labels = own.isEmpty ? spec["template"]?["metadata"]?["labels"]?.strings ?? [:] : own
        self.name = name
        self.annotations = annotations
        self.spec = spec
        if causes.isEmpty, let problem = templateProblem(namespace) {
            guard problem.code == 422 else { throw problem }
            causes += problem.causes(at: "spec.template")
        }
        guard causes.isEmpty else { throw .invalid(kind: "Job.batch", name: name, causes: causes) }
    }

    /// The manifest of a Pod that the Job creates.
    func pod(
        namespace: String, uid: String, name: String, index: Int?, isFailing: Bool
    ) -> JSONValue {
        let template = spec["template"] ?? [:]
        var labels = template["metadata"]?["labels"]?.strings ?? [:]
        var annotations = template["metadata"]?["annotations"]?.strings ?? [:]
        if let index {
            labels[JobLabel.completionIndex] = String(index)
            annotations[JobLabel.completionIndex] = String(index)
        }
        if isFailing { annotations[ScriptAnnotations.prefix + "exit-code"] = "1" }
        return [
            "metadata": [
                "name": .string(name), "namespace": .string(namespace),
                "labels": .strings(labels), "annotations": .strings(annotations),
                "ownerReferences": [
                    [
                        "apiVersion": "batch/v1", "kind": "Job", "name": .string(self.name),
                        "uid": .string(uid), "controller": true, "blockOwnerDeletion": true,
                    ]
                ],
            ],
            "spec": template["spec"] ?? [:],
        ]
    }

    /// What would be wrong with the Job's Pods.
    private func templateProblem(_ namespace: String) -> StatusError? {
        let pod = pod(namespace: namespace, uid: "", name: "pod", index: nil, isFailing: false)
        do throws(StatusError) {
            _ = try PodManifest.read(pod, namespace: namespace, seed: 0) { "" }
            return nil
        } catch {
            return error
        }
    }

    private static func completed(_ spec: JSONValue, job: String, uid: String) -> JSONValue {
        var spec = spec
        if spec["completions"] == nil, spec["parallelism"] == nil { spec["completions"] = 1 }
        let defaults: [(String, JSONValue)] = [
            ("parallelism", 1), ("backoffLimit", 6), ("completionMode", "NonIndexed"),
            ("suspend", false), ("podReplacementPolicy", "TerminatingOrFailed"),
            ("manualSelector", false),
        ]
        for (name, value) in defaults where spec[name] == nil { spec[name] = value }
        spec["selector"] = ["matchLabels": .strings([JobLabel.uid: uid])]
        var template = spec["template"] ?? [:]
        var metadata = template["metadata"] ?? [:]
        let labels = (metadata["labels"]?.strings ?? [:])
            .merging(JobLabel.all(job: job, uid: uid)) { $1 }
        metadata["labels"] = .strings(labels)
        template["metadata"] = metadata
        spec["template"] = template
        return spec
    }

    private static func parse(
        _ spec: JSONValue, _ annotations: [String: String], _ causes: inout [StatusError.Cause]
    ) -> JobSpec {
        var job = JobSpec()
        func count(_ name: String, _ fallback: Int) -> Int {
            guard let value = spec[name], value != nil else { return fallback }
            if let number = value.int, number >= 0 { return number }
            causes.append(
                .invalid(
                    "spec.\(name)", String(decoding: value.encoded, as: UTF8.self),
                    "must be greater than or equal to 0"))
            return fallback
        }
        job.parallelism = count("parallelism", 1)
        job.completions = spec["completions"].map { _ in count("completions", 1) }
        job.backoffLimit = count("backoffLimit", 6)
        job.deadline = spec["activeDeadlineSeconds"]
            .map { _ in .seconds(count("activeDeadlineSeconds", 0)) }
        job.keptFor = spec["ttlSecondsAfterFinished"]
            .map { _ in .seconds(count("ttlSecondsAfterFinished", 0)) }
        job.isSuspended = spec["suspend"] == true
        job.isIndexed = spec["completionMode"] == "Indexed"
        if job.isIndexed, job.completions == nil { causes.append(.required("spec.completions")) }
        let policy = spec["template"]?["spec"]?["restartPolicy"]?.string ?? "Never"
        job.restartsContainers = policy == "OnFailure"
        if !["Never", "OnFailure"].contains(policy) {
            causes.append(
                .invalid(
                    "spec.template.spec.restartPolicy", "\"\(policy)\"",
                    "supported values: \"OnFailure\", \"Never\""))
        }
        for name in unsupported where spec[name] != nil {
            causes.append(.forbidden("spec.\(name)", "the simulated cluster does not have it"))
        }
        if spec["podReplacementPolicy"] != "TerminatingOrFailed" {
            causes.append(
                .forbidden(
                    "spec.podReplacementPolicy",
                    "the simulated cluster has TerminatingOrFailed alone"))
        }
        apply(annotations, to: &job, &causes)
        return job
    }

    private static func apply(
        _ annotations: [String: String], to job: inout JobSpec,
        _ causes: inout [StatusError.Cause]
    ) {
        for (name, value) in annotations.sorted(by: { $0.key < $1.key })
        where name.hasPrefix(ScriptAnnotations.prefix) {
            let key = String(name.dropFirst(ScriptAnnotations.prefix.count))
            let field = "metadata.annotations[\(name)]"
            switch key {
            case "backoff":
                guard let delay = Duration(text: value) else { fallthrough }
                job.backoff = delay
            case "failing-pods":
                guard let number = Int(value), number >= 0 else { fallthrough }
                job.failingPods = number
            default:
                let isKnown = keys.contains(key)
                causes.append(
                    .invalid(
                        field, "\"\(value)\"",
                        isKnown ? "cannot be read" : "there is no such setting of a Job"))
            }
        }
    }
}
