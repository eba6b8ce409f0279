/// Whose log is asked for: `/logs/{namespace}/{pod}[/{container}]`.
struct LogTarget: Equatable, Hashable, Sendable {
    /// The Kubernetes namespace.
    let namespace: String
    /// The Pod's name.
    let pod: String
    /// The container's name; `nil` leaves the choice to ``StreamChoice``.
    let container: String?
}
