import HTTPClient
package import Kubernetes
package import Logging

/// The Kubernetes API decides: TokenReview says who a token belongs to, SubjectAccessReview what
/// they may do.
///
/// Answers are kept for a short time, and the same question is asked once at a time. Where the API
/// server cannot be asked, what is kept goes on until it expires; then callers are told so (503).
package final class KubernetesAccess: AccessBackend {
    package let authentication = Caller.Authentication.token

    /// What is asked, byte by byte: to Swift two texts are one that Unicode takes for the same (a `K`
    /// and the Kelvin sign), to Kubernetes they are two users.
    private struct Question: Hashable {
        private let texts: [[UInt8]]

        init(_ identity: Identity, _ right: Right) {
            var texts = [
                right.permission.rawValue, right.namespace ?? "", identity.name, identity.uid,
                "\(identity.groups.count)",
            ]
            texts += identity.groups
            for (key, values) in identity.extra.sorted(by: { $0.key < $1.key }) {
                texts += [key, "\(values.count)"] + values
            }
            self.texts = texts.map { Array($0.utf8) }
        }
    }

    private let client: KubernetesClient
    private let logger: Logger
    private let hasher = TokenHasher()
    private let identities: ReviewDesk<TokenHash, Identity?>
    private let rights: ReviewDesk<Question, Bool>

    /// Decisions of the cluster that `client` asks.
    ///
    /// - Parameters:
    ///   - client: asks, as a user who may create TokenReviews and SubjectAccessReviews.
    ///   - keepsFor: how long answers count; refusals half as long.
    ///   - logger: told what cannot be asked.
    ///   - now: the clock by which answers expire.
    package init(
        _ client: KubernetesClient, keepsFor: Duration, logger: Logger,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.client = client
        self.logger = logger
        identities = ReviewDesk(
            keepsGood: keepsFor, keepsBad: keepsFor / 2, isGood: { $0 != nil }, now: now)
        rights = ReviewDesk(
            keepsGood: keepsFor, keepsBad: keepsFor / 2, isGood: { $0 }, now: now)
    }

    package func identity(of token: BearerToken) async throws(AccessError) -> Identity? {
        try await identities.answer(try hasher.hash(token.text)) {
            [client, logger] () async throws(AccessError) in
            do {
                let status = try await client.review(token: token.text)
                guard status.authenticated == true, let user = status.user,
                    let name = user.username, !name.isEmpty
                else { return nil }
                return Identity(
                    name: name, uid: user.uid ?? "", groups: user.groups ?? [],
                    extra: user.extra ?? [:])
            } catch {
                throw Self.unavailable(error, logger)
            }
        }
    }

    package func allows(_ identity: Identity, _ right: Right) async throws(AccessError) -> Bool {
        try await rights.answer(Question(identity, right)) {
            [client, logger] () async throws(AccessError) in
            do {
                let permission = right.permission
                let status = try await client.review(
                    SubjectAccess(
                        user: identity.name, uid: identity.uid, groups: identity.groups,
                        extra: identity.extra, namespace: right.namespace ?? "",
                        verb: permission.verb, resource: "pods",
                        subresource: permission.subresource ?? ""))
                return status.allowed == true && status.denied != true
            } catch {
                throw Self.unavailable(error, logger)
            }
        }
    }

    /// Logged here, once for all who asked.
    private static func unavailable(_ error: any Error, _ logger: Logger) -> AccessError {
        logger.warning("Access could not be reviewed", metadata: ["error": "\(error)"])
        guard let error = error as? KubernetesError, let status = error.status else {
            return .unavailable("the Kubernetes API server cannot be reached to review access")
        }
        if status == 403 || status == 401 {
            return .unavailable(
                "Podwire itself may not review access: it needs create on tokenreviews and "
                    + "subjectaccessreviews (ClusterRole system:auth-delegator)")
        }
        return .unavailable("the Kubernetes API server answered \(status) to a review of access")
    }
}
