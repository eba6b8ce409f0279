/// One event of a watch on Pods.
package enum WatchEvent: Sendable, Equatable {
    /// The Pod is new to the watch.
    case added(Pod)
    /// The Pod changed.
    case modified(Pod)
    /// The Pod is gone; its last state.
    case deleted(Pod)
    /// Nothing happened up to this resource version.
    case bookmark(resourceVersion: String)
    /// The server gives the watch up.
    case error(KubernetesStatus)
}

/// | `type` | `object` |
/// | --- | --- |
/// | `ADDED`, `MODIFIED`, `DELETED` | the Pod |
/// | `BOOKMARK` | a Pod with nothing but `metadata.resourceVersion` |
/// | `ERROR` | a `Status` |
extension WatchEvent: Decodable {
    private enum CodingKeys: String, CodingKey { case type, object }
    private struct Bookmark: Decodable {
        struct Metadata: Decodable { var resourceVersion: String }
        var metadata: Metadata
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let type = try fields.decode(String.self, forKey: .type)
        switch type {
        case "ADDED": self = .added(try fields.decode(Pod.self, forKey: .object))
        case "MODIFIED": self = .modified(try fields.decode(Pod.self, forKey: .object))
        case "DELETED": self = .deleted(try fields.decode(Pod.self, forKey: .object))
        case "BOOKMARK":
            let bookmark = try fields.decode(Bookmark.self, forKey: .object)
            self = .bookmark(resourceVersion: bookmark.metadata.resourceVersion)
        case "ERROR": self = .error(try fields.decode(KubernetesStatus.self, forKey: .object))
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .type, in: fields, debugDescription: "\(type) is no type of watch event")
        }
    }
}
