import Logging

/// Credentials that are fixed, or lie in files that something else may replace at any time.
final class FileCredentials: CredentialSource {
    /// Files that go before what is fixed.
    struct Paths: Sendable {
        /// Holds a bearer token.
        var token: String?
        /// Holds the client certificate, PEM.
        var certificate: String?
        /// Holds the client key, PEM.
        var key: String?
    }

    private let fixed: Credential
    private let token: RotatingFile?
    private let certificate: RotatingFile?
    private let key: RotatingFile?

    /// Credentials from `files`, and from `fixed` where there is no file.
    init(
        fixed: Credential, files: Paths = Paths(), logger: Logger,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.fixed = fixed
        let file = { (path: String?) in path.map { RotatingFile($0, logger: logger, now: now) } }
        token = file(files.token)
        certificate = file(files.certificate)
        key = file(files.key)
    }

    func authorization() async throws -> Credential {
        var credential = fixed
        if let token {
            let text = String(decoding: try token.contents(), as: UTF8.self)
            let trimmed = text.filter { !$0.isWhitespace }
            guard !trimmed.isEmpty else { throw CredentialFileError(path: token.path) }
            credential.authorization = "Bearer \(trimmed)"
        }
        if let certificate { credential.certificate?.certificate = try certificate.contents() }
        if let key { credential.certificate?.key = try key.contents() }
        return credential
    }

    func invalidate(_ used: Credential) async {
        for file in [token, certificate, key] { file?.forget() }
    }
}

/// A token file without a token.
struct CredentialFileError: Error, Equatable, CustomStringConvertible {
    var path: String

    var description: String { "the token file \(path) is empty" }
}
