package import HTTPClient

/// How to reach a cluster, and as whom.
package struct ClusterAccess: Sendable {
    /// The API server's URL without a slash at its end; it may have a path.
    package var server: String
    /// TLS and proxy, but for the client certificate, which belongs to the credentials.
    package var transport: HTTPTransport
    /// The namespace that the context names, `default` if it names none.
    package var namespace: String
    /// The context's name, or `in-cluster`.
    package var name: String
    /// Proves who is asking.
    package var credentials: any CredentialSource
    /// The `Impersonate-…` headers, where the kubeconfig asks to act as someone else.
    package var impersonation: [HTTPField]

    /// Describes a cluster.
    package init(
        server: String, transport: HTTPTransport, namespace: String, name: String,
        credentials: any CredentialSource, impersonation: [HTTPField] = []
    ) {
        self.server = server
        self.transport = transport
        self.namespace = namespace
        self.name = name
        self.credentials = credentials
        self.impersonation = impersonation
    }
}
