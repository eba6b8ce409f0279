import LogModel

/// Key strings as they are in Kubernetes' JSON; absent and `null` both read as the empty value.
extension KeyedDecodingContainer {
    /// The value for `key`, or `fallback` when there is none.
    func value<Value: Decodable>(_ key: Key, or fallback: Value) throws -> Value {
        try decodeIfPresent(Value.self, forKey: key) ?? fallback
    }

    /// The RFC 3339 time for `key`; one that ``LogTime`` cannot hold becomes the nearest that it can.
    ///
    /// A Pod that was deleted with a grace period of 300 years has such a time, and whoever may
    /// delete a Pod can write it: it must not end the watch of all others.
    func time(_ key: Key) throws -> LogTime? {
        guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
        guard let time = RFC3339.parseNearest(text) else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "\(text) is not an RFC 3339 time")
        }
        return time
    }
}

extension ObjectMetadata: Decodable {
    private enum CodingKeys: String, CodingKey {
        case name, namespace, uid, resourceVersion, labels, annotations, creationTimestamp
        case deletionTimestamp, deletionGracePeriodSeconds, ownerReferences
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decode(String.self, forKey: .name)
        namespace = try fields.value(.namespace, or: "")
        uid = try fields.value(.uid, or: "")
        resourceVersion = try fields.value(.resourceVersion, or: "")
        labels = try fields.value(.labels, or: [:])
        annotations = try fields.value(.annotations, or: [:])
        creationTimestamp = try fields.time(.creationTimestamp)
        deletionTimestamp = try fields.time(.deletionTimestamp)
        deletionGracePeriodSeconds = try fields.decodeIfPresent(
            Int.self, forKey: .deletionGracePeriodSeconds)
        ownerReferences = try fields.value(.ownerReferences, or: [])
    }
}

extension OwnerReference: Decodable {
    private enum CodingKeys: String, CodingKey { case apiVersion, kind, name, uid, controller }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        apiVersion = try fields.value(.apiVersion, or: "")
        kind = try fields.value(.kind, or: "")
        name = try fields.value(.name, or: "")
        uid = try fields.value(.uid, or: "")
        controller = try fields.value(.controller, or: false)
    }
}

extension Condition: Decodable {
    private enum CodingKeys: String, CodingKey {
        case type, status, reason, message, lastTransitionTime
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        type = try fields.decode(String.self, forKey: .type)
        status = try fields.decode(String.self, forKey: .status)
        reason = try fields.decodeIfPresent(String.self, forKey: .reason)
        message = try fields.decodeIfPresent(String.self, forKey: .message)
        lastTransitionTime = try fields.time(.lastTransitionTime)
    }
}
