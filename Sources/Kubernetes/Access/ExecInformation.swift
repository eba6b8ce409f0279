import Foundation

/// What a credential plugin is told in the environment variable `KUBERNETES_EXEC_INFO`.
struct ExecInformation: Sendable, Equatable, Encodable {
    /// The cluster that the credentials are for, with the plugin's own settings.
    struct Cluster: Sendable, Equatable, Encodable {
        var server: String
        var tlsServerName: String?
        var insecureSkipTLSVerify: Bool?
        var certificateAuthorityData: Data?
        var proxyURL: String?
        /// The cluster's extension `client.authentication.k8s.io/exec`.
        var config: JSONValue?

        private enum CodingKeys: String, CodingKey {
            case server
            case tlsServerName = "tls-server-name"
            case insecureSkipTLSVerify = "insecure-skip-tls-verify"
            case certificateAuthorityData = "certificate-authority-data"
            case proxyURL = "proxy-url"
            case config
        }
    }

    struct Spec: Sendable, Equatable, Encodable {
        var cluster: Cluster?
        /// A daemon has no terminal.
        var interactive = false
    }

    var kind = "ExecCredential"
    var apiVersion: String
    var spec: Spec
}
