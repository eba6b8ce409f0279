extension BatchJob: Decodable {
    private enum CodingKeys: String, CodingKey { case metadata, spec, status }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try fields.decode(ObjectMetadata.self, forKey: .metadata)
        spec = try fields.value(.spec, or: Spec())
        status = try fields.value(.status, or: Status())
    }
}

extension BatchJob.Spec: Decodable {
    private enum CodingKeys: String, CodingKey {
        case parallelism, completions, backoffLimit, activeDeadlineSeconds, suspend
        case completionMode, selector, template
    }
    private struct Selector: Decodable {
        var matchLabels: [String: String]?
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        parallelism = try fields.decodeIfPresent(Int.self, forKey: .parallelism)
        completions = try fields.decodeIfPresent(Int.self, forKey: .completions)
        backoffLimit = try fields.decodeIfPresent(Int.self, forKey: .backoffLimit)
        activeDeadlineSeconds = try fields.decodeIfPresent(Int.self, forKey: .activeDeadlineSeconds)
        suspend = try fields.value(.suspend, or: false)
        completionMode = try fields.decodeIfPresent(String.self, forKey: .completionMode)
        selector = try fields.decodeIfPresent(Selector.self, forKey: .selector)?.matchLabels ?? [:]
        template = try fields.value(.template, or: BatchJob.Template())
    }
}

extension BatchJob.Template: Decodable {
    private enum CodingKeys: String, CodingKey { case metadata }
    private struct Metadata: Decodable {
        var labels: [String: String]?
        var annotations: [String: String]?
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let metadata = try fields.decodeIfPresent(Metadata.self, forKey: .metadata)
        labels = metadata?.labels ?? [:]
        annotations = metadata?.annotations ?? [:]
    }
}

extension BatchJob.Status: Decodable {
    private enum CodingKeys: String, CodingKey {
        case active, succeeded, failed, startTime, completionTime, conditions
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        active = try fields.value(.active, or: 0)
        succeeded = try fields.value(.succeeded, or: 0)
        failed = try fields.value(.failed, or: 0)
        startTime = try fields.time(.startTime)
        completionTime = try fields.time(.completionTime)
        conditions = try fields.value(.conditions, or: [])
    }
}
