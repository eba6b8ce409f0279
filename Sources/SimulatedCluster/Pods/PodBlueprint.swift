import LogModel

/// What a Pod is created from: what Kubernetes shows of it, and how it behaves.
package struct PodBlueprint: Sendable {
    /// The Pod's namespace.
    package var namespace: String
    /// The Pod's name.
    package var name: String
    /// Its labels.
    package var labels: [String: String] = [:]
    /// Its annotations.
    package var annotations: [String: String] = [:]
    /// `metadata.ownerReferences`, as they came.
    package var ownerReferences: JSONValue?
    /// `spec`, without the node's name.
    package var spec: JSONValue
    /// How it behaves.
    package var script: JobScript

    /// The UID of the Job that controls the Pod.
    var job: String? {
        let owner = ownerReferences?.elements.first { $0["controller"] == true }
        return owner?["kind"] == "Job" ? owner?["uid"]?.string : nil
    }

    /// A Pod whose spec follows from its script.
    package init(
        namespace: String, name: String, labels: [String: String] = [:],
        annotations: [String: String] = [:], script: JobScript
    ) {
        self.init(
            namespace: namespace, name: name, labels: labels, annotations: annotations,
            spec: Self.spec(of: script), script: script)
    }

    /// A Pod with a spec of its own.
    init(
        namespace: String, name: String, labels: [String: String],
        annotations: [String: String], spec: JSONValue, script: JobScript
    ) {
        self.namespace = namespace
        self.name = name
        self.labels = labels
        self.annotations = annotations
        self.spec = spec
        self.script = script
    }

    private static func spec(of script: JobScript) -> JSONValue {
        func container(_ script: ContainerScript) -> JSONValue {
            var value: JSONValue = ["name": .string(script.name), "image": .string(script.image)]
            if script.kind == .sidecar { value["restartPolicy"] = "Always" }
            return value
        }
        let restarts = script.containers.contains { $0.exits.count > 1 }
        let early = script.containers.filter { $0.kind != .main }
        var spec: JSONValue = [:]
        if !early.isEmpty { spec["initContainers"] = .array(early.map(container)) }
        spec["containers"] = .array(script.containers.filter { $0.kind == .main }.map(container))
        spec["restartPolicy"] = restarts ? "OnFailure" : "Never"
        if let deadline = script.deadline {
            spec["activeDeadlineSeconds"] = .int(Int(deadline.components.seconds))
        }
        return spec
    }
}
