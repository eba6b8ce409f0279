/// Who makes a request, and what they may do: made once a request by ``AccessControl``.
///
/// A value; any task may ask it. Answers are at most ``AccessControl/recheck`` old.
package struct Caller: Sendable {
    /// How it is known who they are.
    package enum Authentication: String, Sendable {
        /// Nobody is asked: the daemon listens on loopback.
        case none
        /// Kubernetes says who a token belongs to.
        case token
        /// A file says it.
        case `static`
    }

    /// Who they are.
    package let identity: Identity
    /// How that is known.
    package let authentication: Authentication
    /// What is looked at again for those who stay: kept here for as long as the request lives, and
    /// shown to nobody but who judges it.
    let token: BearerToken?
    let access: AccessControl

    /// Whether they may do this in `namespace`, or in all (`nil`).
    package func may(
        _ permission: Permission, in namespace: String?
    ) async throws(AccessError) -> Bool {
        try await access.allows(self, Right(permission, in: namespace))
    }

    /// Throws ``AccessError/forbidden(_:_:)`` unless they may do this in `namespace`, or in all.
    package func require(
        _ permission: Permission, in namespace: String?
    ) async throws(AccessError) {
        guard try await may(permission, in: namespace) else {
            throw .forbidden(identity, Right(permission, in: namespace))
        }
    }

    /// Throws unless their token still counts and they still have `rights`: for what begins long
    /// after they were let in.
    package func renew(_ rights: [Right]) async throws(AccessError) {
        if let refusal = await access.refusal(of: self, rights) { throw refusal }
    }

    /// The namespaces in which they may do this, among those that the store knows. All at once is
    /// asked first, then one by one.
    package func visibleNamespaces(
        _ permission: Permission = .readPods
    ) async throws(AccessError) -> VisibleNamespaces {
        if try await may(permission, in: nil) { return .all }
        return .these(try await access.namespaces(for: self, permission))
    }

    /// How long an answer counts: whoever keeps one asks again behind this time.
    package var recheck: Duration { access.recheck }

    /// Has their token and `rights` looked at again every ``AccessControl/recheck``, until the
    /// watch is cancelled; `refused` is called once, with why they have to go.
    ///
    /// `nil` where nobody is asked.
    package func watch(
        _ rights: [Right], refused: @escaping @Sendable (AccessError) -> Void
    ) -> AccessWatch? {
        guard token != nil else { return nil }
        return access.followers.add(self, rights, refused: refused)
    }
}
