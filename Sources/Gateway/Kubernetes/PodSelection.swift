import Kubernetes
import Store

/// Which Pods a list or a watch is about: a namespace or all, by labels and by fields.
struct PodSelection: Sendable {
    /// The namespace; `nil` is all.
    let namespace: String?
    /// What is asked of labels.
    let labels: LabelSelector
    /// What is asked of fields.
    let fields: FieldSelector

    /// Reads `labelSelector` and `fieldSelector`.
    init(namespace: String?, _ query: QueryParameters) throws(StatusResponse) {
        self.namespace = namespace
        labels = try LabelSelector(query.text("labelSelector") ?? "")
        fields = try FieldSelector(query.text("fieldSelector") ?? "")
    }

    /// What the store can leave out by itself.
    var query: PodObjectQuery {
        let matches: @Sendable ([String: String]) -> Bool = { [labels] in labels.matches($0) }
        return PodObjectQuery(
            namespace: namespace ?? fields.namespace, name: fields.name,
            labels: labels.isEmpty ? nil : matches)
    }

    /// Whether a Pod that is selected may not be so later, or the other way round.
    var isChanging: Bool { !labels.isEmpty || fields.isAboutState }

    /// Whether a Pod is selected.
    func matches(_ pod: ShownPod) throws -> Bool {
        guard namespace == nil || namespace == pod.row.namespace,
            labels.isEmpty || labels.matches(pod.row.labels)
        else { return false }
        return try fields.isEmpty || fields.matches(pod.decoded())
    }
}
