/// TLS and proxy of one server, compared by value: connections are shared only between requests
/// whose transports are equal.
///
/// Keep one value for each server and copy it into the requests. The certificates are arrays, so
/// copies share them, and the client keeps one stable copy for libcurl however many requests use it.
package struct HTTPTransport: Sendable, Hashable {
    /// Certificates to trust, PEM. Nil: the system's.
    package var caCertificates: [UInt8]?
    /// The client's certificate chain, PEM.
    package var clientCertificate: [UInt8]?
    /// The client's key, PEM, not encrypted.
    package var clientKey: [UInt8]?
    /// The name to ask for (SNI) and to verify, where it differs from the URL's host. The
    /// connection still goes to the URL's host, and `Host` still names it.
    ///
    /// With a proxy from the environment, `NO_PROXY` is matched against this name.
    package var serverName: String?
    /// Accept any certificate. For test servers only.
    package var insecureSkipVerify = false
    /// The proxy's URL. Nil: as the environment says (`HTTPS_PROXY`, `http_proxy`, `ALL_PROXY`,
    /// `NO_PROXY`); empty: none. A proxy named here is used for every host, whatever `NO_PROXY`
    /// says.
    package var proxyURL: String?

    package init(
        caCertificates: [UInt8]? = nil, clientCertificate: [UInt8]? = nil,
        clientKey: [UInt8]? = nil, serverName: String? = nil, insecureSkipVerify: Bool = false,
        proxyURL: String? = nil
    ) {
        self.caCertificates = caCertificates
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
        self.serverName = serverName
        self.insecureSkipVerify = insecureSkipVerify
        self.proxyURL = proxyURL
    }
}
