import Foundation
import HTTPClient
import Logging

/// An entry of a kubeconfig's `users`.
///
/// | given | sent |
/// | --- | --- |
/// | `token`, `tokenFile` (wins, and is read again as it rotates) | `Authorization: Bearer …` |
/// | `username`, `password` | `Authorization: Basic …` |
/// | `client-certificate[-data]`, `client-key[-data]` | in the TLS handshake |
/// | `exec` | what the plugin returns; not run when there is a token or a user name |
/// | `as`, `as-uid`, `as-groups`, `as-user-extra` | `Impersonate-…` |
struct KubeconfigUser {
    private let value: KubeconfigValue

    init(_ value: KubeconfigValue) {
        self.value = value
    }

    /// What proves who the user is.
    func credentials(
        cluster: ExecInformation.Cluster, environment: [String: String], logger: Logger
    ) throws(KubeconfigError) -> any CredentialSource {
        if try value.child("auth-provider") != nil {
            throw value.error(
                at: "auth-provider", "is no longer supported by Kubernetes: use an exec plugin")
        }
        let basic = try basicAuthorization()
        let token = try value.string("token")
        let tokenPath = try value.path("tokenFile")
        if basic != nil && (token != nil || tokenPath != nil) {
            throw value.error("must have a token or a user name, not both")
        }
        var fixed = Credential(authorization: basic ?? token.map { "Bearer \($0)" })
        var files = FileCredentials.Paths(token: tokenPath)
        try certificate(into: &fixed, &files)
        if let tokenPath { _ = try value.contents(of: tokenPath, at: "tokenFile") }
        if let exec = try value.section("exec") {
            let plugin = try KubeconfigExec(exec).plugin(
                cluster: cluster, environment: environment)
            if fixed.authorization == nil && tokenPath == nil {
                return ExecCredentials(
                    plugin: plugin, certificate: fixed.certificate, logger: logger)
            }
        }
        return FileCredentials(fixed: fixed, files: files, logger: logger)
    }

    /// The headers that ask the API server to act as someone else.
    func impersonation() throws(KubeconfigError) -> [HTTPField] {
        let name = try value.string("as")
        var fields: [HTTPField] = []
        if let uid = try value.string("as-uid") {
            fields.append(HTTPField(name: "Impersonate-Uid", value: uid))
        }
        for group in try value.strings("as-groups") {
            fields.append(HTTPField(name: "Impersonate-Group", value: group))
        }
        if let extra = try value.section("as-user-extra") {
            for name in extra.names {
                let header = "Impersonate-Extra-\(name.percentEncoded)"
                for text in try extra.strings(name) {
                    fields.append(HTTPField(name: header, value: text))
                }
            }
        }
        guard let name else {
            if fields.isEmpty { return [] }
            throw value.error(at: "as", "must be set where as-uid, as-groups or as-user-extra is")
        }
        return [HTTPField(name: "Impersonate-User", value: name)] + fields
    }

    private func basicAuthorization() throws(KubeconfigError) -> String? {
        let name = try value.string("username")
        let password = try value.string("password")
        guard name != nil || password != nil else { return nil }
        let pair = Data("\(name ?? ""):\(password ?? "")".utf8)
        return "Basic \(pair.base64EncodedString())"
    }

    /// Reads the client certificate: into `fixed` where it is in the kubeconfig, else into `files`.
    private func certificate(
        into fixed: inout Credential, _ files: inout FileCredentials.Paths
    ) throws(KubeconfigError) {
        let certificate = try value.material("client-certificate")
        let key = try value.material("client-key")
        guard let certificate, let key else {
            if certificate != nil {
                throw value.error(at: "client-key", "must be given with the client certificate")
            }
            if key != nil {
                throw value.error(at: "client-certificate", "must be given with the client key")
            }
            return
        }
        fixed.certificate = Credential.Certificate(certificate: certificate, key: key)
        if try value.string("client-certificate-data") == nil {
            files.certificate = try value.path("client-certificate")
        }
        if try value.string("client-key-data") == nil {
            files.key = try value.path("client-key")
        }
    }
}
