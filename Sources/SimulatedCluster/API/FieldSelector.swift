/// A field selector: `field=value`, `field==value` or `field!=value`, separated by commas.
///
/// Every object has `metadata.name` and `metadata.namespace`, each kind some more; any other field is
/// refused, as the API server does.
package struct FieldSelector: Sendable, Equatable {
    private struct Requirement: Sendable, Equatable {
        let field: String
        let value: String
        let isEqual: Bool
    }

    private static let fields: Set<String> = ["metadata.name", "metadata.namespace"]

    private var requirements: [Requirement] = []

    /// Reads a selector; an empty one selects everything.
    package init(_ text: String, of kind: ObjectKind = PodRecord.kind) throws(StatusError) {
        for part in text.split(separator: ",") {
            guard let sign = part.firstIndex(of: "=") else {
                throw .badRequest(
                    "invalid selector: '\(text)'; can't understand '\(part)'")
            }
            var field = part[..<sign]
            var value = part[part.index(after: sign)...]
            let isEqual = !field.hasSuffix("!")
            if !isEqual { field.removeLast() }
            if isEqual, value.hasPrefix("=") { value.removeFirst() }
            guard Self.fields.union(kind.fields).contains(String(field)) else {
                throw .badRequest("field label not supported: \(field)")
            }
            requirements.append(
                Requirement(field: String(field), value: String(value), isEqual: isEqual))
        }
    }

    /// Whether everything is selected.
    package var isEmpty: Bool { requirements.isEmpty }

    /// Whether an object is selected.
    package func matches(_ record: some ObjectRecord) -> Bool {
        requirements.allSatisfy { requirement in
            let value =
                switch requirement.field {
                case "metadata.name": record.key.name
                case "metadata.namespace": record.key.namespace
                default: record.value(ofField: requirement.field)
                }
            return (value == requirement.value) == requirement.isEqual
        }
    }
}
