/// A kubeconfig, or the service account's folder in a Pod, that cannot be used.
package struct KubeconfigError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file, or the environment variable that names it.
    package var file: String
    /// Where in the file, such as `users[dev].exec.command`; empty for the file as a whole.
    package var key: String
    /// What is wrong there, and what would be right.
    package var reason: String

    /// Describes a fault.
    package init(file: String, key: String = "", reason: String) {
        self.file = file
        self.key = key
        self.reason = reason
    }

    /// `/home/a/.kube/config: users[dev].exec.command: must not be empty`
    package var description: String {
        [file, key, reason].filter { !$0.isEmpty }.joined(separator: ": ")
    }
}
