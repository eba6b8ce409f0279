package import WebServer

/// Which objects a list or watch is about: a namespace or all, labels and fields.
package struct ObjectSelection: Sendable, Equatable {
    /// The namespace; nil is all.
    package var namespace: String?
    /// What is asked of labels.
    package var labels: LabelSelector
    /// What is asked of fields.
    package var fields: FieldSelector

    /// Reads `labelSelector` and `fieldSelector` of a request.
    package init(
        namespace: String?, of kind: ObjectKind = PodRecord.kind, _ query: [QueryItem]
    ) throws(StatusError) {
        func value(_ name: String) -> String {
            query.first { $0.name == name }?.value ?? ""
        }
        self.namespace = namespace
        labels = try LabelSelector(value("labelSelector"))
        fields = try FieldSelector(value("fieldSelector"), of: kind)
    }

    /// Whether it is about everything in its namespaces.
    package var isUnfiltered: Bool { labels.isEmpty && fields.isEmpty }

    /// Whether it is about this object.
    package func matches(_ record: some ObjectRecord) -> Bool {
        (namespace.map { $0 == record.key.namespace } ?? true)
            && labels.matches(record.labels) && fields.matches(record)
    }
}
