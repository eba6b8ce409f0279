import LogModel
import Store
import WebServer

/// How a client is shown Pods: as objects, as rows of a table, or their metadata alone.
struct PodForm: Sendable {
    /// What the client accepts.
    let accepted: AcceptedForm
    private let included: PodTable.Included
    private let now: @Sendable () -> LogTime

    /// Reads what `request` accepts.
    ///
    /// - Throws: 406, or 400 for an `includeObject` that is none.
    init(_ request: ServerRequest, now: @escaping @Sendable () -> LogTime) throws(StatusResponse) {
        accepted = try AcceptedForm(request.header("Accept"))
        let query = QueryParameters(request.query)
        included =
            try query.choice("includeObject", of: PodTable.Included.self) ?? .metadata
        self.now = now
    }

    /// One Pod as a document.
    func document(_ pod: ShownPod) throws -> [UInt8] {
        try element(pod, hasColumns: true)
    }

    /// One Pod as the object of a watch event; tables name their columns with the first.
    func event(_ pod: ShownPod, isFirst: Bool) throws -> [UInt8] {
        try element(pod, hasColumns: isFirst)
    }

    /// An object of a watch that tells nothing but a version.
    func bookmark(_ version: Int64, endsInitial: Bool) -> [UInt8] {
        let annotations =
            endsInitial ? #","annotations":{"k8s.io/initial-events-end":"true"}"# : ""
        let metadata = #"{"resourceVersion":"\#(version)"\#(annotations)}"#
        switch accepted {
        case .table(let version):
            let table = PodTable(version: version, included: included, now: now())
            return table.head(metadata: metadata, hasColumns: false) + PodTable.tail
        case .objects:
            return Array(#"{"kind":"Pod","apiVersion":"v1","metadata":\#(metadata)}"#.utf8)
        case .metadata(let version):
            let kind = #""kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/\#(version)""#
            return Array(#"{\#(kind),"metadata":\#(metadata)}"#.utf8)
        }
    }

    /// What stands before the first Pod of a list.
    func listHead(version: Int64, next: String?) -> [UInt8] {
        let token = next.map { #","continue":"\#($0)""# } ?? ""
        let metadata = #"{"resourceVersion":"\#(version)"\#(token)}"#
        switch accepted {
        case .table(let version):
            return PodTable(version: version, included: included, now: now())
                .head(metadata: metadata)
        case .objects: return list("PodList", "v1", metadata)
        case .metadata(let version):
            return list("PartialObjectMetadataList", "meta.k8s.io/\(version)", metadata)
        }
    }

    /// Appends a Pod of a list.
    func appendListed(_ pod: ShownPod, to bytes: inout [UInt8]) throws {
        switch accepted {
        case .objects: pod.append(to: &bytes, isListed: true)
        case .table(let version):
            try PodTable(version: version, included: included, now: now())
                .append(pod, to: &bytes)
        case .metadata(let version): pod.appendMetadata(to: &bytes, version: version)
        }
    }

    /// What stands behind the last Pod of a list.
    var listTail: [UInt8] { PodTable.tail }

    private func list(_ kind: String, _ apiVersion: String, _ metadata: String) -> [UInt8] {
        let head = #"{"kind":"\#(kind)","apiVersion":"\#(apiVersion)","#
        return Array(#"\#(head)"metadata":\#(metadata),"items":["#.utf8)
    }

    private func element(_ pod: ShownPod, hasColumns: Bool) throws -> [UInt8] {
        var bytes: [UInt8] = []
        switch accepted {
        case .objects: pod.append(to: &bytes)
        case .metadata(let version): pod.appendMetadata(to: &bytes, version: version)
        case .table(let version):
            let table = PodTable(version: version, included: included, now: now())
            bytes = table.head(
                metadata: #"{"resourceVersion":"\#(pod.row.version)"}"#, hasColumns: hasColumns)
            try table.append(pod, to: &bytes)
            bytes += PodTable.tail
        }
        return bytes
    }
}
