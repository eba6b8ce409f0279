import Foundation
import HTTPClient
import Logging
import Testing

@testable import Kubernetes

struct KubeconfigTests {
    static let certificate = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"
    static let key = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"
    static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    /// A kubeconfig of one context `c`, cluster `k` and user `u`.
    static func config(
        cluster: String = "server: https://example:6443", user: String = "token: secret",
        context: String = "cluster: k, user: u"
    ) -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: c
        contexts: [{name: c, context: {\(context)}}]
        clusters: [{name: k, cluster: {\(cluster)}}]
        users: [{name: u, user: {\(user)}}]
        """
    }

    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    func load(_ text: String, context: String? = nil) throws -> ClusterAccess {
        let path = try folder.write(text, to: "config")
        return try #require(
            try ClusterConfiguration.load(kubeconfig: path, context: context, environment: [:]))
    }

    @Test func `reads a token and inline certificates`() async throws {
        let access = try load(
            Self.config(
                cluster: """
                    server: https://example:6443/prefix/, tls-server-name: inner,
                    proxy-url: "socks5://proxy:1080",
                    certificate-authority-data: \(Self.base64(Self.certificate))
                    """,
                user: """
                    token: secret, client-certificate-data: \(Self.base64(Self.certificate)),
                    client-key-data: \(Self.base64(Self.key))
                    """,
                context: "cluster: k, user: u, namespace: team"))
        #expect(access.server == "https://example:6443/prefix")
        #expect(access.name == "c")
        #expect(access.namespace == "team")
        #expect(access.transport.caCertificates == Array(Self.certificate.utf8))
        #expect(access.transport.serverName == "inner")
        #expect(access.transport.proxyURL == "socks5h://proxy:1080")
        let credential = try await access.credentials.authorization()
        #expect(credential.authorization == "Bearer secret")
        #expect(credential.certificate?.certificate == Array(Self.certificate.utf8))
        #expect(credential.certificate?.key == Array(Self.key.utf8))
    }

    @Test func `relative paths start from the kubeconfig's folder`() async throws {
        try folder.write(Self.certificate, to: "pki/ca.crt")
        try folder.write(Self.certificate, to: "pki/client.crt")
        try folder.write(Self.key, to: "pki/client.key")
        try folder.write("rotating\n", to: "token")
        let access = try load(
            Self.config(
                cluster: "server: https://example, certificate-authority: pki/ca.crt",
                user: """
                    tokenFile: token, token: fixed, client-certificate: pki/client.crt,
                    client-key: ./pki/client.key
                    """))
        #expect(access.transport.caCertificates == Array(Self.certificate.utf8))
        let credential = try await access.credentials.authorization()
        #expect(credential.authorization == "Bearer rotating")
        #expect(credential.certificate?.key == Array(Self.key.utf8))
    }

    @Test(arguments: [
        ("username: a, password: 'b:c'", "Basic YTpiOmM="), ("token: '123'", "Bearer 123"),
        ("{}", nil), ("token: null", nil), ("token: ''", nil),
    ])
    func `authorization follows from the user`(user: String, expected: String?) async throws {
        let access = try load(Self.config(user: user == "{}" ? "" : user))
        #expect(try await access.credentials.authorization().authorization == expected)
    }

    @Test(arguments: [
        ("server: example:8080", "http://example:8080"),
        ("server: 'example:443', insecure-skip-tls-verify: true", "https://example:443"),
        ("server: 'https://[::1]:6443//'", "https://[::1]:6443"),
        ("server: HTTPS://example", "HTTPS://example"),
    ])
    func `a server's address is completed`(cluster: String, expected: String) throws {
        #expect(try load(Self.config(cluster: cluster)).server == expected)
    }

    @Test func `acting as someone else becomes headers`() throws {
        let access = try load(
            Self.config(
                user: """
                    token: t, as: jane, as-uid: "7", as-groups: [dev, ops],
                    as-user-extra: {"example.com/scope x": [a, b]}
                    """))
        #expect(
            access.impersonation == [
                HTTPField(name: "Impersonate-User", value: "jane"),
                HTTPField(name: "Impersonate-Uid", value: "7"),
                HTTPField(name: "Impersonate-Group", value: "dev"),
                HTTPField(name: "Impersonate-Group", value: "ops"),
                HTTPField(name: "Impersonate-Extra-example.com%2Fscope%20x", value: "a"),
                HTTPField(name: "Impersonate-Extra-example.com%2Fscope%20x", value: "b"),
            ])
    }

    @Test func `a context can be named`() throws {
        let text = Self.config() + "\n"
        let other = text.replacingOccurrences(
            of: "contexts: [", with: "contexts: [{name: d, context: {cluster: k, namespace: n2}}, ")
        #expect(try load(other, context: "d").namespace == "n2")
    }

    @Test func `JSON is YAML too`() throws {
        let access = try load(
            """
            {"current-context":"c","contexts":[{"name":"c","context":{"cluster":"k"}}],
             "clusters":[{"name":"k","cluster":{"server":"http://h"}}]}
            """)
        #expect(access.server == "http://h")
    }
}
