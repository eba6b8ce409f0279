extension Pod: Decodable {
    private enum CodingKeys: String, CodingKey { case metadata, spec, status }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try fields.decode(Metadata.self, forKey: .metadata)
        spec = try fields.value(.spec, or: Spec())
        status = try fields.value(.status, or: Status())
    }
}

extension Pod.Spec: Decodable {
    private enum CodingKeys: String, CodingKey {
        case nodeName, containers, initContainers, ephemeralContainers, restartPolicy
        case activeDeadlineSeconds, schedulerName, serviceAccountName, hostNetwork, readinessGates
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        nodeName = try fields.decodeIfPresent(String.self, forKey: .nodeName)
        containers = try fields.value(.containers, or: [])
        initContainers = try fields.value(.initContainers, or: [])
        ephemeralContainers = try fields.value(.ephemeralContainers, or: [])
        restartPolicy = try fields.decodeIfPresent(String.self, forKey: .restartPolicy)
        activeDeadlineSeconds = try fields.decodeIfPresent(Int.self, forKey: .activeDeadlineSeconds)
        schedulerName = try fields.decodeIfPresent(String.self, forKey: .schedulerName)
        serviceAccountName = try fields.decodeIfPresent(String.self, forKey: .serviceAccountName)
        hostNetwork = try fields.decodeIfPresent(Bool.self, forKey: .hostNetwork)
        readinessGates = try fields.value(.readinessGates, or: [])
    }
}

extension Pod.Status: Decodable {
    private enum CodingKeys: String, CodingKey {
        case phase, reason, message, startTime, conditions, podIP, nominatedNodeName
        case containerStatuses, initContainerStatuses, ephemeralContainerStatuses
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        phase = try fields.value(.phase, or: "")
        reason = try fields.decodeIfPresent(String.self, forKey: .reason)
        message = try fields.decodeIfPresent(String.self, forKey: .message)
        startTime = try fields.time(.startTime)
        conditions = try fields.value(.conditions, or: [])
        podIP = try fields.decodeIfPresent(String.self, forKey: .podIP)
        nominatedNodeName = try fields.decodeIfPresent(String.self, forKey: .nominatedNodeName)
        containerStatuses = try fields.value(.containerStatuses, or: [])
        initContainerStatuses = try fields.value(.initContainerStatuses, or: [])
        ephemeralContainerStatuses = try fields.value(.ephemeralContainerStatuses, or: [])
    }
}

extension Pod.ContainerStatus: Decodable {
    private enum CodingKeys: String, CodingKey {
        case name, restartCount, containerID, state, lastState, ready, started
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decode(String.self, forKey: .name)
        restartCount = try fields.value(.restartCount, or: 0)
        containerID = try fields.decodeIfPresent(String.self, forKey: .containerID)
        state = try fields.value(.state, or: .unknown)
        lastState = try fields.value(.lastState, or: .unknown)
        ready = try fields.value(.ready, or: false)
        started = try fields.decodeIfPresent(Bool.self, forKey: .started)
    }
}

extension Pod.ContainerState: Decodable {
    private enum CodingKeys: String, CodingKey { case waiting, running, terminated }
    private enum WaitingKeys: String, CodingKey { case reason, message }
    private enum RunningKeys: String, CodingKey { case startedAt }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        if let end = try fields.decodeIfPresent(Pod.Termination.self, forKey: .terminated) {
            self = .terminated(end)
        } else if fields.contains(.running), try !fields.decodeNil(forKey: .running) {
            let running = try fields.nestedContainer(keyedBy: RunningKeys.self, forKey: .running)
            self = .running(startedAt: try running.time(.startedAt))
        } else if fields.contains(.waiting), try !fields.decodeNil(forKey: .waiting) {
            let waiting = try fields.nestedContainer(keyedBy: WaitingKeys.self, forKey: .waiting)
            self = .waiting(
                reason: try waiting.decodeIfPresent(String.self, forKey: .reason),
                message: try waiting.decodeIfPresent(String.self, forKey: .message))
        } else {
            self = .unknown
        }
    }
}

extension Pod.Termination: Decodable {
    private enum CodingKeys: String, CodingKey {
        case exitCode, signal, reason, message, startedAt, finishedAt, containerID
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        exitCode = try fields.value(.exitCode, or: 0)
        signal = try fields.decodeIfPresent(Int.self, forKey: .signal)
        reason = try fields.decodeIfPresent(String.self, forKey: .reason)
        message = try fields.decodeIfPresent(String.self, forKey: .message)
        startedAt = try fields.time(.startedAt)
        finishedAt = try fields.time(.finishedAt)
        containerID = try fields.decodeIfPresent(String.self, forKey: .containerID)
    }
}
