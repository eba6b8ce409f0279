import Foundation

/// The JSON text of an object, for those who show it on as the API server has sent it.
///
/// | text | of |
/// | --- | --- |
/// | `{"metadata":{` | every object: the first bytes, so that members can be put in |
/// | … | its metadata as sent, without `managedFields` and `resourceVersion` |
/// | `},"spec":…}` | all else as sent, without `kind` and `apiVersion` |
///
/// Who manages which field is half of the text and of use to writers alone; a resource version is
/// of use only to clients of the server that gave it.
package struct ObjectSource: Sendable, Equatable {
    /// What every text begins with.
    package static let head = #"{"metadata":{"#

    /// The text.
    package let json: [UInt8]

    /// Takes a text that has this form.
    package init(json: [UInt8]) {
        self.json = json
    }

    /// The object at `range` of a text; `nil` when there is no object with metadata.
    init?(_ scan: JSONScan, _ range: Range<Int>) {
        guard let members = scan.members(range),
            let metadata = members.first(where: { scan.isName($0, "metadata") }),
            let described = scan.members(metadata.value)
        else { return nil }
        var json: [UInt8] = []
        json.reserveCapacity(range.count)
        json += Self.head.utf8
        func add(_ members: [JSONScan.Member], without names: [String]) {
            for member in members where !names.contains(where: { scan.isName(member, $0) }) {
                if json.last != UInt8(ascii: "{") { json.append(UInt8(ascii: ",")) }
                json += scan.bytes[member.name.lowerBound - 1..<member.value.upperBound]
            }
        }
        add(described, without: ["managedFields", "resourceVersion"])
        json.append(UInt8(ascii: "}"))
        add(members, without: ["metadata", "kind", "apiVersion"])
        json.append(UInt8(ascii: "}"))
        self.json = json
    }

    /// The object's metadata alone.
    package var metadata: ArraySlice<UInt8> {
        let start = Self.head.utf8.count - 1
        let range = json.withUnsafeBytes { bytes in
            JSONScan(bytes: bytes).range(ofValueAt: start)
        }
        return range.map { json[$0] } ?? []
    }

    /// The object that a text is.
    package static func whole(_ text: [UInt8]) -> ObjectSource? {
        text.withUnsafeBytes { bytes in
            let scan = JSONScan(bytes: bytes)
            return scan.root.flatMap { ObjectSource(scan, $0) }
        }
    }
}

extension WatchEvent {
    /// The event whose object keeps its text, found in the event's `line`.
    func attaching(from line: Data) -> WatchEvent {
        func attach(_ object: Object) -> Object {
            var object = object
            line.withUnsafeBytes { bytes in
                let scan = JSONScan(bytes: bytes)
                object.attach {
                    guard let root = scan.root, let range = scan.value("object", of: root) else {
                        return nil
                    }
                    return ObjectSource(scan, range)
                }
            }
            return object
        }
        return switch self {
        case .added(let object): .added(attach(object))
        case .modified(let object): .modified(attach(object))
        case .deleted(let object): .deleted(attach(object))
        case .bookmark, .error: self
        }
    }
}

extension ResourceList {
    /// The page whose objects keep their texts, found in the answer's `body`.
    func attaching(from body: [UInt8]) -> ResourceList {
        var page = self
        body.withUnsafeBytes { bytes in
            let scan = JSONScan(bytes: bytes)
            guard let root = scan.root, let items = scan.value("items", of: root),
                let ranges = scan.elements(items), ranges.count == page.items.count
            else { return }
            for (index, range) in ranges.enumerated() {
                page.items[index].attach { ObjectSource(scan, range) }
            }
        }
        return page
    }
}
