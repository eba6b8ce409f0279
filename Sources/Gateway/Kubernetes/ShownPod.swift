import Foundation
import Kubernetes
import LogModel
import Store

/// A Pod as clients of Kubernetes are shown it.
struct ShownPod: Sendable {
    /// What is stored.
    let row: PodObjectRow
    /// The object's text, see `ObjectSource`.
    let source: ObjectSource

    /// The Pod of a row.
    ///
    /// - Throws: what the store throws when the row is damaged.
    init(_ row: PodObjectRow, _ store: Store) throws {
        self.row = row
        source = ObjectSource(json: Array(try store.unpack(row.object)))
    }

    /// The fields that Podwire knows.
    func decoded() throws -> Pod {
        try JSONDecoder().decode(Pod.self, from: Data(source.json))
    }

    /// Appends the object; in a list it has no kind of its own, as the API server writes it.
    func append(to bytes: inout [UInt8], isListed: Bool = false) {
        bytes += (isListed ? "{" : #"{"kind":"Pod","apiVersion":"v1","#).utf8
        bytes += #""metadata":{"resourceVersion":"\#(row.version)","#.utf8
        bytes += source.json.dropFirst(ObjectSource.head.utf8.count)
    }

    /// Appends its metadata as an object of its own.
    func appendMetadata(to bytes: inout [UInt8], version: String) {
        bytes += #"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/\#(version)","#.utf8
        bytes += #""metadata":{"resourceVersion":"\#(row.version)","#.utf8
        bytes += source.metadata.dropFirst()
        bytes.append(UInt8(ascii: "}"))
    }
}
