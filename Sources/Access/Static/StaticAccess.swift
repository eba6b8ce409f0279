import Cryptography
package import LogModel
package import Logging

/// A file decides: for clusters that do not allow reviews, and for callers that Kubernetes does not
/// know.
package final class StaticAccess: AccessBackend {
    package let authentication = Caller.Authentication.static

    private let file: StaticUsersFile
    private let clock: @Sendable () -> LogTime

    /// Decisions of the file at `path`.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - logger: told when the file was read again, or cannot be used.
    ///   - now: the clock by which the file is looked at again.
    ///   - clock: the time of day, by which tokens expire.
    /// - Throws: ``StaticUsersError`` when the file cannot be used.
    package init(
        file path: String, logger: Logger,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        clock: @escaping @Sendable () -> LogTime = { .now }
    ) throws(StaticUsersError) {
        file = try StaticUsersFile(path, logger: logger, now: now)
        self.clock = clock
    }

    /// Looks whether the file at `path` can be used.
    package static func check(file path: String) throws(StaticUsersError) {
        try StaticUsersFile.check(path)
    }

    package func identity(of token: BearerToken) async throws(AccessError) -> Identity? {
        let digest: [UInt8]
        do throws(CryptographyError) {
            digest = try SHA256.digest(of: Array(token.text.utf8))
        } catch {
            throw .unavailable(error.description)
        }
        return file.users().user(withDigest: digest, at: clock()).map { user in
            Identity(name: user.name, groups: user.groups)
        }
    }

    package func allows(_ identity: Identity, _ right: Right) async throws(AccessError) -> Bool {
        file.users().allows(identity.name, right)
    }
}
