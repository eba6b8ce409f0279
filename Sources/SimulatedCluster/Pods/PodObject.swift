import LogModel

/// A Pod as the API shows it: the JSON object of one moment of a ``PodMachine``'s life.
struct PodObject {
    let blueprint: PodBlueprint
    let uid: String
    let node: String
    let resourceVersion: Int
    let machine: PodMachine

    /// The object.
    var json: JSONValue {
        var spec = blueprint.spec
        if machine.scheduledAt != nil { spec["nodeName"] = .string(node) }
        return [
            "kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": spec,
            "status": status,
        ]
    }

    /// The id of one instance of a container.
    static func containerID(uid: String, container: String, attempt: Int) -> String {
        let seed = SeededRandom.seed(0, "\(uid)/\(container)/\(attempt)")
        var random = SeededRandom(seed: seed)
        let digits = (0..<4).map { _ in
            let text = String(random.next(), radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return "containerd://" + digits.joined()
    }

    /// The object's `metadata`.
    var metadata: JSONValue {
        var value: JSONValue = [
            "name": .string(blueprint.name), "namespace": .string(blueprint.namespace),
            "uid": .string(uid), "resourceVersion": .string(String(resourceVersion)),
            "creationTimestamp": .time(machine.created),
        ]
        if let deletion = machine.deletion {
            value["deletionTimestamp"] = .time(deletion.at + .seconds(deletion.graceSeconds))
            value["deletionGracePeriodSeconds"] = .int(deletion.graceSeconds)
        }
        if !blueprint.labels.isEmpty { value["labels"] = .strings(blueprint.labels) }
        if !blueprint.annotations.isEmpty { value["annotations"] = .strings(blueprint.annotations) }
        value["ownerReferences"] = blueprint.ownerReferences
        return value
    }

    private var status: JSONValue {
        var value: JSONValue = ["phase": .string(machine.phase.rawValue)]
        value["conditions"] = .array(conditions)
        if let reason = machine.reason {
            value["reason"] = .string(reason.reason)
            value["message"] = .string(reason.message)
        }
        guard let scheduledAt = machine.scheduledAt else { return value }
        value["hostIP"] = "127.0.0.1"
        value["startTime"] = .time(scheduledAt)
        let early = machine.containers.filter { $0.script.kind != .main }
        if !early.isEmpty { value["initContainerStatuses"] = .array(early.map(containerStatus)) }
        let mains = machine.containers.filter { $0.script.kind == .main }
        value["containerStatuses"] = .array(mains.map(containerStatus))
        value["qosClass"] = "BestEffort"
        return value
    }

    private var conditions: [JSONValue] {
        if let since = machine.unschedulableSince {
            return [
                [
                    "type": "PodScheduled", "status": "False", "lastTransitionTime": .time(since),
                    "reason": "Unschedulable",
                    "message": "0/3 nodes are available: 3 Insufficient cpu.",
                ]
            ]
        }
        guard let scheduledAt = machine.scheduledAt else { return [] }
        let mains = machine.containers.filter { $0.script.kind == .main }
        let early = machine.containers.filter { $0.script.kind == .`init` }
        let isInitialized = early.allSatisfy { $0.termination?.exit.code == 0 }
        let isReady = mains.allSatisfy(\.isRunning)
        func condition(_ type: JSONValue, _ isTrue: Bool) -> JSONValue {
            [
                "type": type, "status": isTrue ? "True" : "False",
                "lastTransitionTime": .time(scheduledAt),
            ]
        }
        return [
            condition("Initialized", isInitialized), condition("Ready", isReady),
            condition("ContainersReady", isReady), condition("PodScheduled", true),
        ]
    }

    private func containerStatus(_ run: ContainerRun) -> JSONValue {
        var value: JSONValue = [
            "name": .string(run.script.name), "image": .string(run.script.image), "imageID": "",
            "restartCount": .int(run.attempt ?? 0), "ready": .bool(isReady(run)),
            "started": .bool(run.isRunning),
        ]
        if let attempt = run.attempt {
            value["imageID"] = .string("\(run.script.image)@sha256:0")
            value["containerID"] = .string(containerID(run, attempt))
        }
        value["state"] = state(run)
        value["lastState"] = run.last.map { ["terminated": terminated(run, $0)] } ?? [:]
        return value
    }

    private func isReady(_ run: ContainerRun) -> Bool {
        run.script.kind == .`init` ? run.termination?.exit.code == 0 : run.isRunning
    }

    private func state(_ run: ContainerRun) -> JSONValue {
        switch run.state {
        case .waiting(let reason, let message):
            var waiting: JSONValue = ["reason": .string(reason)]
            waiting["message"] = message.map { .string($0) }
            return ["waiting": waiting]
        case .running(let since): return ["running": ["startedAt": .time(since)]]
        case .terminated(let termination): return ["terminated": terminated(run, termination)]
        }
    }

    private func terminated(_ run: ContainerRun, _ termination: ContainerRun.Termination)
        -> JSONValue
    {
        [
            "exitCode": .int(termination.exit.code), "reason": .string(termination.exit.reason),
            "startedAt": .time(termination.startedAt), "finishedAt": .time(termination.finishedAt),
            "containerID": .string(containerID(run, termination.attempt)),
        ]
    }

    private func containerID(_ run: ContainerRun, _ attempt: Int) -> String {
        Self.containerID(uid: uid, container: run.script.name, attempt: attempt)
    }
}

extension JSONValue {
    /// A time as objects have it.
    static func time(_ time: LogTime) -> JSONValue { .string(time.wholeSecondsText) }
}
