/// Who somebody is, as Kubernetes or the file of static tokens says.
package struct Identity: Sendable, Hashable {
    /// The user's name, such as `system:serviceaccount:batch:engine`.
    package var name: String
    /// The user's unique identifier; empty where there is none.
    package var uid = ""
    /// The user's groups.
    package var groups: [String] = []
    /// What else the authenticator said of the user, for the authoriser.
    package var extra: [String: [String]] = [:]

    /// Describes a user.
    package init(
        name: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]
    ) {
        self.name = name
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }

    /// Who asks where nobody is asked who they are; Kubernetes' own name for them.
    package static let anonymous = Identity(
        name: "system:anonymous", groups: ["system:unauthenticated"])
}
