/// The namespaces of which a list or a feed shows something to its caller.
package enum VisibleNamespaces: Sendable, Equatable {
    /// Every one, those to come included.
    case all
    /// These, sorted.
    case these([String])

    /// Whether `namespace` is among them.
    package func contains(_ namespace: String) -> Bool {
        switch self {
        case .all: true
        case .these(let names): names.contains(namespace)
        }
    }
}
