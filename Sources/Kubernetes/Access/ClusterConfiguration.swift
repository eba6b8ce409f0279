package import Logging

/// Finds the cluster that is meant, in the order in which kubectl and client-go look.
///
/// 1. the file that was named,
/// 2. the files that `KUBECONFIG` lists; those that do not exist are skipped,
/// 3. `~/.kube/config`,
/// 4. the service account of the Pod that this runs in.
///
/// The first of the first three that has anything in it decides; a fault in it is an error, never a
/// reason to look further.
package enum ClusterConfiguration {
    /// Finds the cluster to follow.
    ///
    /// - Parameters:
    ///   - kubeconfig: the file that was named.
    ///   - context: the context to use instead of the current one.
    ///   - environment: `KUBECONFIG`, `HOME`, `KUBERNETES_SERVICE_HOST`, …
    ///   - logger: hears of credential files and plugins, for as long as the access is used.
    /// - Returns: how to reach it; `nil` when nothing names one.
    /// - Throws: ``KubeconfigError`` with the file, the key and the reason.
    package static func load(
        kubeconfig: String?, context: String?, environment: [String: String],
        logger: Logger = Logger(label: "podwire.kubernetes")
    ) throws(KubeconfigError) -> ClusterAccess? {
        try load(
            kubeconfig: kubeconfig, context: context, environment: environment,
            serviceAccount: InClusterConfiguration.folder, logger: logger)
    }

    static func load(
        kubeconfig: String?, context: String?, environment: [String: String],
        serviceAccount: String, logger: Logger
    ) throws(KubeconfigError) -> ClusterAccess? {
        let merged = { (files: [KubeconfigFile]) in
            Kubeconfig(files: files, environment: environment, logger: logger)
        }
        if let kubeconfig {
            guard let file = try KubeconfigFile(reading: kubeconfig) else {
                throw KubeconfigError(file: kubeconfig, reason: "does not exist")
            }
            return try merged([file]).access(context: context)
        }
        let listed = environment["KUBECONFIG"] ?? ""
        var files: [KubeconfigFile] = []
        for name in names(listed, home: environment["HOME"]) {
            if let file = try KubeconfigFile(reading: name) { files.append(file) }
        }
        let config = merged(files)
        if !config.isEmpty { return try config.access(context: context) }
        if let access = try InClusterConfiguration.load(
            environment: environment, folder: serviceAccount, logger: logger)
        {
            return access
        }
        if files.isEmpty, !listed.isEmpty {
            throw KubeconfigError(
                file: "KUBECONFIG", reason: "none of the files in \(listed) exists")
        }
        if let context {
            throw KubeconfigError(
                file: "--context", reason: "there is no context \(context): no kubeconfig was found"
            )
        }
        return nil
    }

    /// The files to look into: each once, in the order of the list.
    private static func names(_ listed: String, home: String?) -> [String] {
        guard !listed.isEmpty else {
            return (home ?? "").isEmpty ? [] : ["\(home ?? "")/.kube/config"]
        }
        var names: [String] = []
        for name in listed.split(separator: ":").map(String.init) where !names.contains(name) {
            names.append(name)
        }
        return names
    }
}
