import LogModel

/// Reads the JSON manifest of a Pod that is to be created.
enum PodManifest {
    /// The blueprint that `manifest` describes, in `namespace`.
    ///
    /// - Throws: `422` with every problem named, `400` for another kind of object.
    static func read(
        _ manifest: JSONValue, namespace: String, seed: UInt64, suffix: () -> String
    ) throws(StatusError) -> PodBlueprint {
        guard case .object = manifest, manifest["kind"].map({ $0 == "Pod" }) ?? true else {
            throw .badRequest("the object provided is unrecognized (must be of type Pod)")
        }
        let metadata = manifest["metadata"] ?? [:]
        var name = metadata["name"]?.string ?? ""
        if name.isEmpty, let start = metadata["generateName"]?.string { name = start + suffix() }
        if let other = metadata["namespace"]?.string, other != namespace {
            throw .badRequest(
                "the namespace of the provided object does not match the namespace sent on the "
                    + "request")
        }
        let spec = manifest["spec"] ?? [:]
        var causes = nameCauses(name)
        var containers = scripts(spec["initContainers"], "spec.initContainers", &causes) {
            $0["restartPolicy"] == "Always" ? .sidecar : .`init`
        }
        containers += scripts(spec["containers"], "spec.containers", &causes) { _ in .main }
        if spec["containers"]?.elements.isEmpty ?? true {
            causes.append(.required("spec.containers"))
        }
        guard causes.isEmpty else { throw .invalid(kind: "Pod", name: name, causes: causes) }
        let annotations = metadata["annotations"]?.strings ?? [:]
        var script = JobScript(containers: containers)
        script.seed = SeededRandom.seed(seed, "\(namespace)/\(name)")
        script.deadline = spec["activeDeadlineSeconds"]?.int.map { .seconds($0) }
        try apply(annotations, to: &script, pod: name)
        var blueprint = PodBlueprint(
            namespace: namespace, name: name, labels: metadata["labels"]?.strings ?? [:],
            annotations: annotations, spec: completed(spec, script), script: script)
        blueprint.ownerReferences = metadata["ownerReferences"]
        return blueprint
    }

    private static func apply(
        _ annotations: [String: String], to script: inout JobScript, pod: String
    ) throws(StatusError) {
        var settings = ScriptAnnotations(annotations, containers: script.containers.map(\.name))
        settings.apply(to: &script)
        for index in script.containers.indices { settings.apply(to: &script.containers[index]) }
        guard settings.causes.isEmpty else {
            throw .invalid(kind: "Pod", name: pod, causes: settings.causes)
        }
        let token = annotations["podwire.dev/output-token"]
        for index in script.containers.indices {
            script.containers[index].log.outputToken = token
        }
    }

    private static func scripts(
        _ list: JSONValue?, _ path: String, _ causes: inout [StatusError.Cause],
        kind: (JSONValue) -> ContainerKind
    ) -> [ContainerScript] {
        var scripts: [ContainerScript] = []
        for (index, container) in (list?.elements ?? []).enumerated() {
            guard let name = container["name"]?.string, !name.isEmpty else {
                causes.append(.required("\(path)[\(index)].name"))
                continue
            }
            var script = ContainerScript(name: name, kind: kind(container))
            if let image = container["image"]?.string { script.image = image }
            switch script.kind {
            case .`init`: script.log.lines = 3
            case .sidecar:
                script.log.lines = nil
                script.log.rate = 1
            case .main, .ephemeral: break
            }
            scripts.append(script)
        }
        return scripts
    }

    /// What is wrong with the name of an object.
    static func nameCauses(_ name: String) -> [StatusError.Cause] {
        guard !name.isEmpty else { return [.required("metadata.name")] }
        let isValid =
            name.utf8.count <= 253
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            }
        guard !isValid else { return [] }
        return [
            .invalid(
                "metadata.name", "\"\(name)\"",
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
                    + "characters, '-' or '.', and must start and end with an alphanumeric character"
            )
        ]
    }

    private static func completed(_ spec: JSONValue, _ script: JobScript) -> JSONValue {
        var spec = spec
        spec["nodeName"] = nil
        if spec["restartPolicy"] == nil {
            let restarts = script.containers.contains { $0.exits.count > 1 }
            spec["restartPolicy"] = restarts ? "OnFailure" : "Never"
        }
        return spec
    }
}
