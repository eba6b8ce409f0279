package import WebServer

/// Which Pods a list or watch is about: a namespace or all, labels and fields.
package struct PodSelection: Sendable, Equatable {
    /// The namespace; nil is all.
    package var namespace: String?
    /// What is asked of labels.
    package var labels: LabelSelector
    /// What is asked of fields.
    package var fields: FieldSelector

    /// Reads `labelSelector` and `fieldSelector` of a request.
    package init(namespace: String?, _ query: [QueryItem]) throws(StatusError) {
        func value(_ name: String) -> String {
            query.first { $0.name == name }?.value ?? ""
        }
        self.namespace = namespace
        labels = try LabelSelector(value("labelSelector"))
        fields = try FieldSelector(value("fieldSelector"))
    }

    /// Whether it is about everything in its namespaces.
    package var isUnfiltered: Bool { labels.isEmpty && fields.isEmpty }

    /// Whether it is about this Pod.
    package func matches(_ pod: PodRecord) -> Bool {
        (namespace.map { $0 == pod.key.namespace } ?? true)
            && labels.matches(pod.labels) && fields.matches(pod)
    }
}
