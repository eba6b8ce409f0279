import Cryptography
import LogModel
import Testing

@testable import Access

@Suite struct StaticUsersReaderTests {
    private static let token = "0123456789abcdefghijklmn"

    private func digest(_ text: String) throws -> [UInt8] {
        try SHA256.digest(of: Array(text.utf8))
    }

    private func users(_ rest: String) throws -> StaticUsers {
        try StaticUsersReader.read("users:\n  - name: engine\n\(rest)")
    }

    @Test func `a user is known by a token or by a token's digest`() throws {
        let hex = try digest("another").map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
        let users = try users(
            """
                groups: [engines]
                tokens: [{token: \(Self.token)}, {sha256: "\(hex)"}]
            """)
        for text in [Self.token, "another"] {
            let user = users.user(withDigest: try digest(text), at: .now)
            #expect(user?.name == "engine" && user?.groups == ["engines"])
        }
        #expect(users.user(withDigest: try digest("wrong"), at: .now) == nil)
    }

    @Test func `a token counts until it expires`() throws {
        let users = try users(
            "    tokens: [{token: \(Self.token), expires: 1970-01-01T00:01:40Z}]")
        let digest = try digest(Self.token)
        #expect(users.user(withDigest: digest, at: LogTime(seconds: 99)) != nil)
        #expect(users.user(withDigest: digest, at: LogTime(seconds: 100)) == nil)
    }

    @Test(
        arguments: [
            (Permission.readLogs, "batch", true), (.readPods, "batch", true),
            (.control, "batch", false), (.readLogs, "other", false), (.readPods, "web", true),
            (.readLogs, "web", false), (.readPods, nil, false),
            (.listPods, "batch", true), (.watchPods, "web", true), (.listPods, nil, false),
        ] as [(Permission, String?, Bool)])
    func `rules allow what they say`(
        permission: Permission, namespace: String?, isAllowed: Bool
    ) throws {
        let users = try users(
            """
                tokens: [{token: \(Self.token)}]
                rules:
                  - namespaces: [batch]
                    allow: [get pods, get pods/log]
                  - namespaces: [web]
                    allow: [get pods]
            """)
        #expect(users.allows("engine", Right(permission, in: namespace)) == isAllowed)
        #expect(!users.allows("nobody", Right(permission, in: namespace)))
    }

    @Test func `a star is every namespace, and all at once`() throws {
        let users = try users(
            """
                tokens: [{token: \(Self.token)}]
                rules: [{namespaces: ["*"], allow: [get pods]}]
            """)
        #expect(users.allows("engine", Right(.readPods, in: "any")))
        #expect(users.allows("engine", Right(.readPods, in: nil)))
        #expect(!users.allows("engine", Right(.control, in: nil)))
    }

    @Test(arguments: [
        ("", "users"), ("users: {}", "users"), ("- a", "mapping"), ("userz: []", "unknown key"),
        ("users: [{name: a, tokens: [], rules: []}]", "users[0].tokens"),
        ("users: [{tokens: [{token: 0123456789abcdefghijklmn}]}]", "users[0].name"),
        ("users: [{name: a, tokens: [{token: short}]}]", "users[0].tokens[0].token"),
        ("users: [{name: a, tokens: [{sha256: abcd}]}]", "64 hexadecimal digits"),
        (
            "users: [{name: a, tokens: [{sha256: "
                + String(repeating: "+a", count: 32) + "}]}]", "64 hexadecimal digits"
        ),
        ("users: [{name: a, tokens: [{}]}]", "either token or sha256"),
        (
            "users: [{name: a, tokens: [{token: 0123456789abcdefghijklmn, expires: soon}]}]",
            "expires"
        ),
        (
            "users: [{name: a, tokens: [{token: 0123456789abcdefghijklmn}], "
                + "rules: [{namespaces: [b], allow: [delete pods]}]}]", "delete pods"
        ),
        (
            "users: [{name: a, tokens: [{token: 0123456789abcdefghijklmn}], "
                + "rules: [{allow: [get pods]}]}]", "namespaces"
        ),
        (
            "users: [{name: a, tokens: [{token: 0123456789abcdefghijklmn}]}, "
                + "{name: a, tokens: [{token: 0123456789abcdefghijklmo}]}]", "twice"
        ),
        ("users: [", "YAML"),
    ])
    func `what is wrong is named, without any token`(text: String, words: String) throws {
        let error = try #require(throws: StaticUsersError.self) {
            try StaticUsersReader.read(text)
        }
        #expect(error.description.contains(words), "\(error)")
        #expect(!error.description.contains("0123456789abc"))
    }
}
