/// A node as the API server describes it, with only the field that Podwire uses.
package struct NodeObject: Sendable, Equatable, Decodable {
    /// `status.nodeInfo.kubeletVersion`; `nil` when it is absent, or no version.
    package let kubeletVersion: KubeletVersion?

    private struct Status: Decodable {
        var nodeInfo: Info?
    }

    private struct Info: Decodable {
        var kubeletVersion: String?
    }

    private enum CodingKeys: String, CodingKey {
        case status
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        kubeletVersion = try container.decodeIfPresent(Status.self, forKey: .status)?
            .nodeInfo?.kubeletVersion.flatMap(KubeletVersion.init)
    }
}
