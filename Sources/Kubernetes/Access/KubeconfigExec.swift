/// The `exec` section of a user: a credential plugin.
struct KubeconfigExec {
    private static let versions = [
        "client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1",
    ]

    private let value: KubeconfigValue

    init(_ value: KubeconfigValue) {
        self.value = value
    }

    /// The plugin, told of `cluster` where the section asks for it.
    func plugin(
        cluster: ExecInformation.Cluster, environment: [String: String]
    ) throws(KubeconfigError) -> ExecPlugin {
        guard var command = try value.string("command") else {
            throw value.error(at: "command", "must not be empty")
        }
        // A name is looked up in PATH, a relative path starts from the kubeconfig's folder.
        if command.contains("/"), !command.hasPrefix("/") { command = "\(value.folder)/\(command)" }
        guard let version = try value.string("apiVersion") else {
            throw value.error(at: "apiVersion", "must not be empty")
        }
        guard Self.versions.contains(version) else {
            let known = Self.versions.joined(separator: " or ")
            throw value.error(at: "apiVersion", "must be \(known), not \(version)")
        }
        try checkInteractiveMode(version)
        var environment = environment
        for entry in try value.list("env") {
            guard let name = try entry.string("name") else {
                throw entry.error(at: "name", "must not be empty")
            }
            environment[name] = try entry.string("value") ?? ""
        }
        return ExecPlugin(
            command: command, arguments: try value.strings("args"), environment: environment,
            apiVersion: version, cluster: try value.flag("provideClusterInfo") ? cluster : nil,
            installHint: try value.string("installHint"))
    }

    private func checkInteractiveMode(_ version: String) throws(KubeconfigError) {
        switch try value.string("interactiveMode") {
        case "Never", "IfAvailable": break
        case "Always":
            throw value.error(
                at: "interactiveMode", "Always needs a terminal, which a daemon does not have")
        case nil:
            if version == Self.versions.first {
                throw value.error(
                    at: "interactiveMode", "must be Never or IfAvailable with \(version)")
            }
        case .some(let other):
            throw value.error(
                at: "interactiveMode", "must be Never or IfAvailable, not \(other)")
        }
    }
}
