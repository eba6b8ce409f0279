/// Who says who somebody is and what they may do: the Kubernetes API, or a file.
package protocol AccessBackend: Sendable {
    /// How callers are known.
    var authentication: Caller.Authentication { get }

    /// Who `token` belongs to; `nil` for nobody.
    func identity(of token: BearerToken) async throws(AccessError) -> Identity?

    /// Whether `identity` has `right`.
    func allows(_ identity: Identity, _ right: Right) async throws(AccessError) -> Bool
}
