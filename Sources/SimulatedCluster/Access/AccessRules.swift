import LogModel

/// Which tokens there are and what their users may do in a simulated cluster: a pure value.
///
/// ```json
/// {"tokens": [{"token": "t", "user": "u", "groups": ["g"], "expires": "2027-01-31T00:00:00Z"}],
///  "rules": [{"user": "u", "namespaces": ["a"], "verbs": ["get"], "resources": ["pods/log"]}],
///  "unavailable": false}
/// ```
/// A rule is for a `user` or a `group`. `"*"` among its namespaces is all of them, the whole cluster
/// included; among verbs and resources it is each. `unavailable` makes every review fail with 503.
package struct AccessRules: Sendable, Equatable {
    /// What is wrong with a description of them.
    package struct Problem: Error, Sendable, CustomStringConvertible {
        /// What, and what is allowed.
        package let description: String
    }

    /// Whose a token is, and until when.
    struct Token: Sendable, Equatable {
        let text: String
        let user: String
        let groups: [String]
        let expires: LogTime?
    }

    /// What a user or a group may do.
    struct Rule: Sendable, Equatable {
        let user: String?
        let group: String?
        let namespaces: [String]
        let verbs: [String]
        let resources: [String]
    }

    var tokens: [Token] = []
    var rules: [Rule] = []
    var isUnavailable = false

    /// No tokens: nobody is known.
    package init() {}

    /// Reads a description.
    package init(_ json: [UInt8]) throws(Problem) {
        let object: JSONValue
        do {
            object = try JSONValue(parsing: json)
        } catch {
            throw Problem(description: "the access rules are not JSON: \(error)")
        }
        for token in object["tokens"]?.elements ?? [] {
            guard let text = token["token"]?.string, let user = token["user"]?.string else {
                throw Problem(description: "a token has a \"token\" and a \"user\"")
            }
            let expires = token["expires"]?.string.map { RFC3339.parse($0) }
            if case .some(.none) = expires {
                throw Problem(description: "\"expires\" is a time as 2027-01-31T00:00:00Z")
            }
            tokens.append(
                Token(
                    text: text, user: user, groups: Self.texts(token["groups"]),
                    expires: expires ?? nil))
        }
        for rule in object["rules"]?.elements ?? [] {
            let user = rule["user"]?.string
            let group = rule["group"]?.string
            guard (user == nil) != (group == nil) else {
                throw Problem(description: "a rule has either a \"user\" or a \"group\"")
            }
            rules.append(
                Rule(
                    user: user, group: group, namespaces: Self.texts(rule["namespaces"]),
                    verbs: Self.texts(rule["verbs"]), resources: Self.texts(rule["resources"])))
        }
        isUnavailable = object["unavailable"] == true
    }

    private static func texts(_ value: JSONValue?) -> [String] {
        value?.elements.compactMap(\.string) ?? []
    }

    /// Whose `token` is at the time `now`.
    func owner(of token: String, at now: LogTime) -> Token? {
        tokens.first { known in
            known.text == token && (known.expires.map { now < $0 } ?? true)
        }
    }

    /// Whether a user may do this in a namespace, or in all of them (the empty one).
    func allows(
        user: String, groups: [String], verb: String, resource: String, namespace: String
    ) -> Bool {
        rules.contains { rule in
            (rule.user == user || rule.group.map(groups.contains) == true)
                && (rule.namespaces.contains("*")
                    || (!namespace.isEmpty && rule.namespaces.contains(namespace)))
                && !rule.verbs.filter { $0 == "*" || $0 == verb }.isEmpty
                && !rule.resources.filter { $0 == "*" || $0 == resource }.isEmpty
        }
    }
}
