import Cryptography
import LogModel

/// Who may do what, as the file of static tokens says: a pure value, see ``StaticUsersReader`` for
/// its form.
struct StaticUsers: Sendable {
    /// A token of a user, known by its digest.
    struct Token: Sendable {
        let digest: [UInt8]
        /// When it stops to count; `nil`: never.
        let expiry: LogTime?
    }

    /// What a user may do in some namespaces.
    struct Rule: Sendable {
        /// Names, or `*` for every namespace.
        let namespaces: [String]
        let permissions: Set<Permission>

        func allows(_ right: Right) -> Bool {
            guard permissions.contains(right.permission.included) else { return false }
            if namespaces.contains("*") { return true }
            return right.namespace.map(namespaces.contains) ?? false
        }
    }

    /// A user of the file.
    struct User: Sendable {
        let name: String
        let groups: [String]
        let tokens: [Token]
        let rules: [Rule]
    }

    let users: [User]

    /// Whose token has this digest at the time `now`.
    ///
    /// Every token is compared, each in a time that depends on nothing: how long it takes does not
    /// tell how near a guess is.
    func user(withDigest digest: [UInt8], at now: LogTime) -> User? {
        var found: User?
        for user in users {
            for token in user.tokens where ConstantTime.areEqual(token.digest, digest) {
                if let expiry = token.expiry, expiry <= now { continue }
                found = user
            }
        }
        return found
    }

    /// Whether the user of this name has `right`.
    func allows(_ name: String, _ right: Right) -> Bool {
        users.first { $0.name == name }?.rules.contains { $0.allows(right) } ?? false
    }
}
