import Access
import Gateway
import HTTPClient
import Kubernetes
import Logging
import Store

// Who may see and do what, and by which names the daemon may be called.
extension Settings {
    /// Reads `auth`; beyond loopback somebody must decide.
    static func auth(_ reader: inout SettingsReader, listen: ListenAddress) -> AuthSettings {
        let allowed = AuthSettings.Mode.allCases.map(\.rawValue).joined(separator: ", ")
        let mode = reader.value(
            "auth.mode", default: .none, allowed: allowed, AuthSettings.Mode.init(rawValue:))
        let tokensFile = reader.text("auth.tokensFile")
        let recheck = reader.duration(
            "auth.recheck", default: .seconds(10), in: .seconds(1)...(.seconds(60)))
        if mode == .none, !listen.isLoopback {
            reader.note(
                SettingsProblem(
                    key: "listen", value: listen.description,
                    reason: "beyond loopback nothing is served without authentication: set "
                        + "auth.mode to kubernetes or static, or listen on 127.0.0.1"))
        }
        if mode == .static {
            noteTokensFile(tokensFile, &reader)
        } else if let tokensFile {
            reader.note(
                SettingsProblem(
                    key: "auth.tokensFile", value: tokensFile,
                    reason: "it is read with auth.mode static only"))
        }
        return AuthSettings(mode: mode, tokensFile: tokensFile, recheck: recheck)
    }

    private static func noteTokensFile(_ path: String?, _ reader: inout SettingsReader) {
        guard let path else {
            reader.note(
                SettingsProblem(
                    key: "auth.tokensFile", value: "",
                    reason: "auth.mode static needs the file of its tokens"))
            return
        }
        do throws(StaticUsersError) {
            try StaticAccess.check(file: path)
        } catch {
            reader.note(
                SettingsProblem(key: "auth.tokensFile", value: path, reason: error.reason))
        }
    }

    /// Reads `web.hosts`.
    static func hosts(_ reader: inout SettingsReader) -> [String] {
        let hosts = reader.list("web.hosts") ?? []
        for host in hosts where !ServedHosts.isName(host) {
            reader.note(
                SettingsProblem(
                    key: "web.hosts", value: host,
                    reason: "a host name or address without scheme, port and path is allowed, as "
                        + "podwire.example.com"))
        }
        return hosts
    }

    var servedHosts: ServedHosts { ServedHosts(hosts, takesAddresses: !listen.isLoopback) }

    /// Who decides, over the namespaces that `store` knows.
    func accessControl(
        _ client: KubernetesClient, store: Store, logger: Logger
    ) throws -> AccessControl {
        let backend: (any AccessBackend)?
        switch auth.mode {
        case .none: backend = nil
        case .kubernetes:
            backend = KubernetesAccess(client, keepsFor: auth.recheck, logger: logger)
        case .static:
            backend = try auth.tokensFile.map { path in
                try StaticAccess(file: path, logger: logger)
            }
        }
        return AccessControl(
            backend, recheck: auth.recheck, logger: logger,
            namespaces: { try await store.read { try $0.namespaces() } })
    }
}
