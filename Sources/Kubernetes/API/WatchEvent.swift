/// One event of a watch.
package enum WatchEvent<Object: WatchedObject>: Sendable, Equatable {
    /// The object is new to the watch.
    case added(Object)
    /// The object changed.
    case modified(Object)
    /// The object is gone; its last state.
    case deleted(Object)
    /// Nothing happened up to this resource version.
    case bookmark(resourceVersion: String)
    /// The server gives the watch up.
    case error(KubernetesStatus)
}

/// | `type` | `object` |
/// | --- | --- |
/// | `ADDED`, `MODIFIED`, `DELETED` | the object |
/// | `BOOKMARK` | an object with nothing but `metadata.resourceVersion` |
/// | `ERROR` | a `Status` |
extension WatchEvent: Decodable {
    private enum CodingKeys: String, CodingKey { case type, object }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let type = try fields.decode(String.self, forKey: .type)
        switch type {
        case "ADDED": self = .added(try fields.decode(Object.self, forKey: .object))
        case "MODIFIED": self = .modified(try fields.decode(Object.self, forKey: .object))
        case "DELETED": self = .deleted(try fields.decode(Object.self, forKey: .object))
        case "BOOKMARK":
            let bookmark = try fields.decode(WatchBookmark.self, forKey: .object)
            self = .bookmark(resourceVersion: bookmark.metadata.resourceVersion)
        case "ERROR": self = .error(try fields.decode(KubernetesStatus.self, forKey: .object))
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .type, in: fields, debugDescription: "\(type) is no type of watch event")
        }
    }
}

/// All that the object of a bookmark has.
private struct WatchBookmark: Decodable {
    struct Metadata: Decodable { var resourceVersion: String }
    var metadata: Metadata
}
