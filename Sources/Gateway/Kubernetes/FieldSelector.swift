import Kubernetes

/// A field selector: `field=value`, `field==value` or `field!=value`, separated by commas; of the
/// fields of a Pod that Kubernetes selects by.
struct FieldSelector: Sendable, Equatable {
    private struct Requirement: Sendable, Equatable {
        let field: String
        let value: String
        let isEqual: Bool
    }

    private static let fields: Set<String> = [
        "metadata.name", "metadata.namespace", "spec.nodeName", "spec.restartPolicy",
        "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase",
        "status.podIP", "status.nominatedNodeName",
    ]

    private var requirements: [Requirement] = []

    /// Reads a selector; an empty one selects everything.
    ///
    /// - Throws: 400 in Kubernetes' words.
    init(_ text: String) throws(StatusResponse) {
        for part in text.split(separator: ",") {
            guard let sign = part.firstIndex(of: "=") else {
                throw .badRequest("invalid selector: '\(text)'; can't understand '\(part)'")
            }
            var field = part[..<sign]
            var value = part[part.index(after: sign)...]
            let isEqual = !field.hasSuffix("!")
            if !isEqual { field.removeLast() }
            if isEqual, value.hasPrefix("=") { value.removeFirst() }
            guard Self.fields.contains(String(field)) else {
                throw .badRequest("field label not supported: \(field)")
            }
            requirements.append(
                Requirement(field: String(field), value: String(value), isEqual: isEqual))
        }
    }

    /// Whether everything is selected.
    var isEmpty: Bool { requirements.isEmpty }

    /// The name that must be the Pod's, if one is asked for.
    var name: String? { value(of: "metadata.name") }
    /// The namespace that must be the Pod's, if one is asked for.
    var namespace: String? { value(of: "metadata.namespace") }
    /// Whether it asks for what may change while a Pod exists.
    var isAboutState: Bool {
        requirements.contains { !$0.field.hasPrefix("metadata.") }
    }

    /// Whether a Pod is selected.
    func matches(_ pod: Pod) -> Bool {
        requirements.allSatisfy { ($0.value == Self.value($0.field, of: pod)) == $0.isEqual }
    }

    private func value(of field: String) -> String? {
        requirements.first { $0.field == field && $0.isEqual }?.value
    }

    private static func value(_ field: String, of pod: Pod) -> String {
        switch field {
        case "metadata.name": pod.metadata.name
        case "metadata.namespace": pod.metadata.namespace
        case "spec.nodeName": pod.spec.nodeName ?? ""
        case "spec.restartPolicy": pod.spec.restartPolicy ?? ""
        case "spec.schedulerName": pod.spec.schedulerName ?? ""
        case "spec.serviceAccountName": pod.spec.serviceAccountName ?? ""
        case "spec.hostNetwork": pod.spec.hostNetwork == true ? "true" : "false"
        case "status.phase": pod.status.phase
        case "status.podIP": pod.status.podIP ?? ""
        default: pod.status.nominatedNodeName ?? ""
        }
    }
}
