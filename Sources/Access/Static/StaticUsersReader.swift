import Cryptography
import LogModel
import Yams

/// Reads the YAML of a file of static tokens.
///
/// ```yaml
/// users:
///   - name: engine                  # once in the file
///     groups: [engines]             # shown by /v1/whoami; default: none
///     tokens:                       # one or more, so that one can follow another
///       - sha256: 9f86d081…         # of the token, 64 hexadecimal digits
///         expires: 2027-01-31T00:00:00Z
///       - token: …                  # or the token itself, of 24 characters or more
///     rules:
///       - namespaces: [batch]       # or "*": every namespace, and what is of none
///         allow: [get pods, get pods/log, update pods]
/// ```
/// An unknown key is refused: a rule that is misspelt must not become a wider one.
struct StaticUsersReader {
    /// Users and tokens of one file, 10,000 each: every token is compared with all of them.
    static let limit = 10_000
    /// Characters of the shortest token. 24 of base64 have 144 bits.
    static let shortestToken = 24

    /// Reads the users of `text`.
    static func read(_ text: String) throws(StaticUsersError) -> StaticUsers {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            // The error's own words may quote the line, and with it a token.
            throw StaticUsersError("", "the file is not valid YAML")
        }
        let members = try members(of: root, "", allowed: ["users"])
        let list = try sequence(members["users"], "users")
        guard list.count <= limit else { throw StaticUsersError("users", "more than \(limit)") }
        var names: Set<String> = []
        var users: [StaticUsers.User] = []
        for (index, node) in list.enumerated() {
            let user = try user(node, "users[\(index)]")
            guard names.insert(user.name).inserted else {
                throw StaticUsersError("users[\(index)].name", "\"\(user.name)\" is there twice")
            }
            users.append(user)
        }
        return StaticUsers(users: users)
    }

    private static func user(
        _ node: Node, _ place: String
    ) throws(StaticUsersError) -> StaticUsers.User {
        let members = try members(of: node, place, allowed: ["name", "groups", "tokens", "rules"])
        let name = try text(members["name"], "\(place).name")
        var tokens: [StaticUsers.Token] = []
        for (index, node) in try sequence(members["tokens"], "\(place).tokens").enumerated() {
            tokens.append(try token(node, "\(place).tokens[\(index)]"))
        }
        guard !tokens.isEmpty, tokens.count <= limit else {
            throw StaticUsersError("\(place).tokens", "one token or more, up to \(limit)")
        }
        var rules: [StaticUsers.Rule] = []
        for (index, node) in try sequence(members["rules"], "\(place).rules").enumerated() {
            rules.append(try rule(node, "\(place).rules[\(index)]"))
        }
        return StaticUsers.User(
            name: name, groups: try texts(members["groups"], "\(place).groups"), tokens: tokens,
            rules: rules)
    }

    private static func token(
        _ node: Node, _ place: String
    ) throws(StaticUsersError) -> StaticUsers.Token {
        let members = try members(of: node, place, allowed: ["token", "sha256", "expires"])
        guard (members["token"] == nil) != (members["sha256"] == nil) else {
            throw StaticUsersError(place, "give either token or sha256")
        }
        let digest: [UInt8]
        if let node = members["sha256"] {
            digest = try self.digest(node, "\(place).sha256")
        } else {
            digest = try self.digest(ofToken: members["token"], "\(place).token")
        }
        var expiry: LogTime?
        if let node = members["expires"] { expiry = try time(node, "\(place).expires") }
        return StaticUsers.Token(digest: digest, expiry: expiry)
    }

    private static func digest(_ node: Node, _ place: String) throws(StaticUsersError) -> [UInt8] {
        let digits = Array((try text(node, place)).utf8)
        var bytes: [UInt8] = []
        for pair in stride(from: 0, to: digits.count - 1, by: 2) {
            let text = String(decoding: digits[pair...(pair + 1)], as: UTF8.self)
            guard !text.contains("+"), !text.contains("-"), let byte = UInt8(text, radix: 16)
            else { break }
            bytes.append(byte)
        }
        guard digits.count == 2 * SHA256.length, bytes.count == SHA256.length else {
            throw StaticUsersError(
                place, "64 hexadecimal digits, as `printf %s TOKEN | sha256sum` prints them")
        }
        return bytes
    }

    private static func digest(
        ofToken node: Node?, _ place: String
    ) throws(StaticUsersError) -> [UInt8] {
        let text = try text(node, place)
        guard text.utf8.count >= shortestToken, BearerToken(text) != nil else {
            throw StaticUsersError(
                place, "\(shortestToken) letters, digits or any of -._~+/= at least")
        }
        do throws(CryptographyError) {
            return try SHA256.digest(of: Array(text.utf8))
        } catch {
            throw StaticUsersError(place, error.description)
        }
    }

    private static func time(_ node: Node, _ place: String) throws(StaticUsersError) -> LogTime {
        guard let time = RFC3339.parse(try text(node, place)) else {
            throw StaticUsersError(place, "a time as 2027-01-31T00:00:00Z")
        }
        return time
    }

    private static func rule(
        _ node: Node, _ place: String
    ) throws(StaticUsersError) -> StaticUsers.Rule {
        let members = try members(of: node, place, allowed: ["namespaces", "allow"])
        let namespaces = try texts(members["namespaces"], "\(place).namespaces")
        guard !namespaces.isEmpty else {
            throw StaticUsersError("\(place).namespaces", "names of namespaces, or \"*\"")
        }
        var permissions: Set<Permission> = []
        for name in try texts(members["allow"], "\(place).allow") {
            guard let permission = Permission.given.first(where: { $0.rawValue == name }) else {
                let allowed = Permission.given.map(\.rawValue).joined(separator: ", ")
                throw StaticUsersError(
                    "\(place).allow", "\"\(name)\" is not known; allowed: \(allowed)")
            }
            permissions.insert(permission)
        }
        return StaticUsers.Rule(namespaces: namespaces, permissions: permissions)
    }
}

extension StaticUsersReader {
    private static func members(
        of node: Node?, _ place: String, allowed: [String]
    ) throws(StaticUsersError) -> [String: Node] {
        guard let mapping = node?.mapping else {
            throw StaticUsersError(
                place, "a mapping with \(allowed.joined(separator: ", ")) is expected")
        }
        var members: [String: Node] = [:]
        for (key, value) in mapping {
            guard let name = key.scalar?.string, allowed.contains(name) else {
                throw StaticUsersError(
                    place, "an unknown key; allowed: \(allowed.joined(separator: ", "))")
            }
            members[name] = value
        }
        return members
    }

    private static func sequence(
        _ node: Node?, _ place: String
    ) throws(StaticUsersError) -> [Node] {
        guard let node else { return [] }
        guard let sequence = node.sequence else {
            throw StaticUsersError(place, "a list is expected")
        }
        return Array(sequence)
    }

    private static func text(_ node: Node?, _ place: String) throws(StaticUsersError) -> String {
        guard let text = node?.scalar?.string, !text.isEmpty else {
            throw StaticUsersError(place, "a text is expected")
        }
        return text
    }

    private static func texts(_ node: Node?, _ place: String) throws(StaticUsersError) -> [String] {
        var texts: [String] = []
        for element in try sequence(node, place) { texts.append(try text(element, place)) }
        return texts
    }
}
