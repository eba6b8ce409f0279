/// One page of a list of objects.
package struct ResourceList<Object: WatchedObject>: Sendable, Equatable {
    /// The objects of this page.
    package var items: [Object]
    /// The version that the whole list shows: a watch from here sees everything that came later.
    package var resourceVersion: String
    /// Asks for the next page; `nil` on the last one.
    package var continueToken: String?

    /// Makes a page.
    package init(items: [Object], resourceVersion: String, continueToken: String? = nil) {
        self.items = items
        self.resourceVersion = resourceVersion
        self.continueToken = continueToken
    }
}

extension ResourceList: Decodable {
    private enum CodingKeys: String, CodingKey { case metadata, items }
    private enum MetadataKeys: String, CodingKey {
        case resourceVersion
        case continueToken = "continue"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        items = try fields.value(.items, or: [])
        let metadata = try fields.nestedContainer(keyedBy: MetadataKeys.self, forKey: .metadata)
        resourceVersion = try metadata.value(.resourceVersion, or: "")
        let token = try metadata.value(.continueToken, or: "")
        continueToken = token.isEmpty ? nil : token
    }
}
