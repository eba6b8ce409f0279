/// What may be asked of `authorization.k8s.io/v1`: whether somebody may do something.
package struct SubjectAccess: Sendable, Encodable {
    private struct Attributes: Encodable {
        let namespace: String
        let verb: String
        let group = ""
        let resource: String
        let subresource: String
    }

    private let user: String
    private let uid: String
    private let groups: [String]
    private let extra: [String: [String]]
    private let resourceAttributes: Attributes

    /// Asks about a resource of the core group; an empty namespace is all of them.
    package init(
        user: String, uid: String, groups: [String], extra: [String: [String]],
        namespace: String, verb: String, resource: String, subresource: String
    ) {
        self.user = user
        self.uid = uid
        self.groups = groups
        self.extra = extra
        resourceAttributes = Attributes(
            namespace: namespace, verb: verb, resource: resource, subresource: subresource)
    }
}

/// What `authorization.k8s.io/v1` answers.
package struct SubjectAccessStatus: Sendable, Decodable {
    /// Whether it is allowed.
    package var allowed: Bool?
    /// Whether it is forbidden whatever others say.
    package var denied: Bool?
}

/// What `authentication.k8s.io/v1` answers about a token.
package struct TokenReviewStatus: Sendable, Decodable {
    /// Who the token belongs to.
    package struct User: Sendable, Decodable {
        /// The user's name.
        package var username: String?
        /// The user's unique identifier.
        package var uid: String?
        /// The user's groups.
        package var groups: [String]?
        /// What else is known.
        package var extra: [String: [String]]?
    }

    /// Whether the token is somebody's.
    package var authenticated: Bool?
    /// Whose it is.
    package var user: User?
}

/// A review as it is sent.
struct ReviewRequest<Spec: Encodable & Sendable>: Encodable {
    let apiVersion: String
    let kind: String
    let spec: Spec
}

/// A review as it comes back.
struct ReviewAnswer<Status: Decodable & Sendable>: Decodable {
    let status: Status
}
