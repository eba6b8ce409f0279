import HTTPClient
import Logging

/// What several kubeconfig files say together.
///
/// The first file that sets `current-context`, or an entry of a name, wins; an entry is taken whole
/// or not at all, never mixed from two files. Relative paths start from their own file's folder.
struct Kubeconfig {
    private let files: [KubeconfigFile]
    private let environment: [String: String]
    private let logger: Logger

    /// The files in the order in which they win.
    init(files: [KubeconfigFile], environment: [String: String], logger: Logger) {
        self.files = files
        self.environment = environment
        self.logger = logger
    }

    /// Whether there is nothing in any of the files.
    var isEmpty: Bool { files.allSatisfy(\.isEmpty) }

    /// The access that a context describes: `name`, or the current one.
    func access(context name: String?) throws(KubeconfigError) -> ClusterAccess {
        let (context, contextName) = try context(named: name)
        guard let clusterName = try context.string("cluster") else {
            throw context.error(at: "cluster", "must not be empty")
        }
        guard let cluster = first(\.clusters, clusterName) else {
            throw context.error(at: "cluster", unknown("cluster", clusterName, \.clusters))
        }
        let section = KubeconfigCluster(cluster)
        let userName = try context.string("user")
        var user: KubeconfigUser?
        if let userName {
            guard let value = first(\.users, userName) else {
                throw context.error(at: "user", unknown("user", userName, \.users))
            }
            user = KubeconfigUser(value)
        }
        let transport = try section.transport()
        let server = try section.server(hasTLSSettings: transport.caCertificates != nil)
        let information = try section.execInformation(server: server, transport: transport)
        return ClusterAccess(
            server: server, transport: transport,
            namespace: try context.string("namespace") ?? "default", name: contextName,
            credentials: try user?.credentials(
                cluster: information, environment: environment, logger: logger)
                ?? FileCredentials(fixed: Credential(), logger: logger),
            impersonation: try user?.impersonation() ?? [])
    }

    private func context(
        named name: String?
    ) throws(KubeconfigError) -> (value: KubeconfigValue, name: String) {
        if let name {
            if let context = first(\.contexts, name) { return (context, name) }
            throw KubeconfigError(
                file: fileNames, key: "contexts", reason: unknown("context", name, \.contexts))
        }
        guard let file = files.first(where: { $0.currentContext != nil }),
            let current = file.currentContext
        else {
            throw KubeconfigError(
                file: fileNames, key: "current-context",
                reason: "must be set; \(known(\.contexts, "context"))")
        }
        guard let context = first(\.contexts, current) else {
            throw KubeconfigError(
                file: file.name, key: "current-context",
                reason: unknown("context", current, \.contexts))
        }
        return (context, current)
    }

    private var fileNames: String { files.map(\.name).joined(separator: ":") }

    private func first(
        _ entries: KeyPath<KubeconfigFile, [String: KubeconfigValue]>, _ name: String
    ) -> KubeconfigValue? {
        files.lazy.compactMap { $0[keyPath: entries][name] }.first
    }

    private func unknown(
        _ what: String, _ name: String,
        _ entries: KeyPath<KubeconfigFile, [String: KubeconfigValue]>
    ) -> String {
        "there is no \(what) \(name); \(known(entries, what))"
    }

    private func known(
        _ entries: KeyPath<KubeconfigFile, [String: KubeconfigValue]>, _ what: String
    ) -> String {
        let names = Set(files.flatMap { $0[keyPath: entries].keys }).sorted()
        if names.isEmpty { return "no \(what) is defined" }
        return "defined: \(names.joined(separator: ", "))"
    }
}
