/// What proves to the API server who is asking.
package struct Credential: Sendable, Equatable {
    /// A client certificate and its key, both PEM.
    package struct Certificate: Sendable, Equatable {
        package var certificate: [UInt8]
        package var key: [UInt8]

        /// Pairs a certificate with its key.
        package init(certificate: [UInt8], key: [UInt8]) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// The value of the header `Authorization`.
    package var authorization: String?
    /// The certificate to show in the TLS handshake.
    package var certificate: Certificate?

    /// A credential of any of the two, both, or none.
    package init(authorization: String? = nil, certificate: Certificate? = nil) {
        self.authorization = authorization
        self.certificate = certificate
    }
}

/// Where credentials come from: fixed ones, files that rotate, a plugin.
package protocol CredentialSource: Sendable {
    /// The credential for the next request; it may take as long as a plugin runs.
    func authorization() async throws -> Credential
    /// Says that the server refused `used` with a 401, so that it is not given out again if there
    /// is a way to get another. A credential that was replaced since is left alone.
    func invalidate(_ used: Credential) async
}
