import Testing

@testable import Kubernetes

/// Every way to get a kubeconfig wrong names the file, the key and the reason.
struct BrokenKubeconfigTests {
    struct Broken: Sendable, CustomTestStringConvertible {
        var text: String
        var key: String
        var reason: String

        init(_ text: String, _ key: String, _ reason: String) {
            (self.text, self.key, self.reason) = (text, key, reason)
        }

        static func cluster(_ text: String, _ key: String, _ reason: String) -> Broken {
            Broken(KubeconfigTests.config(cluster: text), "clusters[k]\(key)", reason)
        }

        static func user(_ text: String, _ key: String, _ reason: String) -> Broken {
            Broken(KubeconfigTests.config(user: text), "users[u]\(key)", reason)
        }

        static func exec(_ text: String, _ key: String, _ reason: String) -> Broken {
            user("exec: {\(text)}", ".exec\(key)", reason)
        }

        static func context(_ text: String, _ key: String, _ reason: String) -> Broken {
            Broken(KubeconfigTests.config(context: text), "contexts[c]\(key)", reason)
        }

        var testDescription: String { "\(key): \(reason)" }
    }

    static let v1 = "apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never"

    static let files: [Broken] = [
        Broken("a: [", "", "is not YAML: line"),
        Broken("token: a: b", "", "is not YAML: line 1"),
        Broken("a: 1\na: 2", "", "is there twice"),
        Broken("just text", "", "must be a mapping, not text"),
        Broken("[1, 2]", "", "must be a mapping, not a list"),
        Broken("kind: Pod", "kind", "must be Config, not Pod"),
        Broken("apiVersion: v2", "apiVersion", "must be v1, not v2"),
        Broken("current-context: 7", "current-context", "must be a string, not a number"),
        Broken("contexts: {}", "contexts", "must be a list, not a mapping"),
        Broken("users: [5]", "users[0]", "must be a mapping, not a number"),
        Broken("users: [{user: {}}]", "users[0].name", "must not be empty"),
        Broken("users: [{name: a}, {name: a}]", "users[a]", "is there twice"),
        Broken("clusters: [{name: k, cluster: 3}]", "clusters[k].cluster", "must be a mapping"),
        Broken("clusters: [{name: k}]", "current-context", "must be set; no context is defined"),
        Broken(
            "current-context: x\ncontexts: [{name: c}]", "current-context",
            "there is no context x; defined: c"),
        Broken(
            "current-context: c\ncontexts: [{name: c}]", "contexts[c].cluster",
            "must not be empty"),
        .context("cluster: other, user: u", ".cluster", "there is no cluster other; defined: k"),
        .context("cluster: k, user: other", ".user", "there is no user other; defined: u"),
        .context("cluster: [k]", ".cluster", "must be a string, not a list"),
    ]

    static let clusters: [Broken] = [
        .cluster("", ".server", "must not be empty"),
        .cluster("server: 'ftp://x'", ".server", "must be an http or https URL"),
        .cluster("server: 'https://'", ".server", "must be an http or https URL"),
        .cluster("server: 'https://x/?a=b'", ".server", "without user, query and fragment"),
        .cluster("server: true", ".server", "must be a string, not a truth value"),
        .cluster(
            "server: 'https://x', certificate-authority-data: '***'",
            ".certificate-authority-data", "is not valid base64"),
        .cluster(
            "server: 'https://x', certificate-authority-data: AAAA",
            ".certificate-authority-data", "is not in PEM format"),
        .cluster(
            "server: 'https://x', certificate-authority: missing.crt", ".certificate-authority",
            "missing.crt: No such file or directory"),
        .cluster(
            "server: 'https://x', certificate-authority: /", ".certificate-authority",
            "Is a directory"),
        .cluster(
            "server: 'https://x', insecure-skip-tls-verify: 'yes'", ".insecure-skip-tls-verify",
            "must be true or false, not text"),
        .cluster(
            """
            server: 'https://x', insecure-skip-tls-verify: true, certificate-authority-data: \
            \(KubeconfigTests.base64(KubeconfigTests.certificate))
            """, ".insecure-skip-tls-verify", "must not be true together with"),
        .cluster(
            "server: 'https://x', proxy-url: 'ftp://p'", ".proxy-url",
            "must be an http, https or socks5 URL"),
    ]

    static let users: [Broken] = [
        .user("token: 123", ".token", "must be a string, not a number: put it in quotes"),
        .user("token: {a: b}", ".token", "must be a string, not a mapping"),
        .user("token: a, username: b", "", "must have a token or a user name, not both"),
        .user("tokenFile: nowhere", ".tokenFile", "No such file or directory"),
        .user(
            "client-certificate-data: \(KubeconfigTests.base64(KubeconfigTests.certificate))",
            ".client-key", "must be given with the client certificate"),
        .user(
            "client-key-data: \(KubeconfigTests.base64(KubeconfigTests.key))",
            ".client-certificate", "must be given with the client key"),
        .user("client-key: nowhere", ".client-key", "No such file or directory"),
        .user("auth-provider: {name: gcp}", ".auth-provider", "use an exec plugin"),
        .user("as-groups: [a]", ".as", "must be set where"),
        .user("as: a, as-groups: b", ".as-groups", "must be a list, not text"),
        .user("exec: plugin", ".exec", "must be a mapping, not text"),
        .exec(v1, ".command", "must not be empty"),
        .exec("command: [a]", ".command", "must be a string, not a list"),
        .exec("command: a", ".apiVersion", "must not be empty"),
        .exec(
            "command: a, apiVersion: client.authentication.k8s.io/v1alpha1", ".apiVersion",
            "must be client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1"),
        .exec(
            "command: a, apiVersion: client.authentication.k8s.io/v1", ".interactiveMode",
            "must be Never or IfAvailable"),
        .exec(
            "command: a, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always",
            ".interactiveMode", "needs a terminal"),
        .exec("command: a, env: [{value: x}], \(v1)", ".env[0].name", "must not be empty"),
        .exec("command: a, env: {A: b}, \(v1)", ".env", "must be a list, not a mapping"),
        .exec("command: a, args: [1], \(v1)", ".args[0]", "must be a string, not a number"),
        .exec(
            "command: a, provideClusterInfo: 1, \(v1)", ".provideClusterInfo",
            "must be true or false, not a number"),
    ]

    @Test(arguments: files + clusters + users)
    func `is refused with its file, key and reason`(broken: Broken) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(broken.text, to: "config")
        let error = #expect(throws: KubeconfigError.self) {
            try ClusterConfiguration.load(kubeconfig: path, context: nil, environment: [:])
        }
        #expect(error?.file == path)
        #expect(error?.key == broken.key)
        #expect(error?.reason.contains(broken.reason) == true, "\(error?.reason ?? "")")
    }

    @Test func `a syntax error does not repeat the text around it`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("token: \"secret\nvalue: [", to: "config")
        let error = #expect(throws: KubeconfigError.self) {
            try ClusterConfiguration.load(kubeconfig: path, context: nil, environment: [:])
        }
        #expect(error?.description.contains("secret") == false)
    }

    @Test func `a file that is no text is refused`() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: KubeconfigError.self) {
            try KubeconfigFile(name: folder.path, bytes: [0xff, 0xfe])
        }
        #expect(error?.reason == "is not UTF-8 text")
    }
}
