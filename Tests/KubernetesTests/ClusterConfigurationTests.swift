import HTTPClient
import Logging
import Testing

@testable import Kubernetes

struct ClusterConfigurationTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    func load(
        kubeconfig: String? = nil, context: String? = nil, _ environment: [String: String]
    ) throws -> ClusterAccess? {
        try ClusterConfiguration.load(
            kubeconfig: kubeconfig, context: context, environment: environment,
            serviceAccount: "\(folder.path)/account", logger: Logger(label: "test"))
    }

    /// A kubeconfig whose every name says which file it is from.
    func write(_ name: String, current: Bool = true, user: String = "token: t") throws -> String {
        try folder.write(
            """
            \(current ? "current-context: \(name)" : "")
            contexts: [{name: \(name), context: {cluster: \(name), user: shared}}]
            clusters: [{name: \(name), cluster: {server: "http://\(name)"}}]
            users: [{name: shared, user: {\(user)}}]
            """, to: name)
    }

    @Test func `the first file of the list that sets a value wins`() async throws {
        let a = try write("a", current: false, user: "token: first")
        let b = try write("b", user: "token: second, as: someone")
        let c = try write("c", user: "token: third")
        let access = try #require(
            try load(["KUBECONFIG": "\(folder.path)/missing::\(a):\(b):\(c):\(a)"]))
        #expect(access.server == "http://b")
        // The entry is taken whole: nothing of b's user is mixed in.
        #expect(try await access.credentials.authorization().authorization == "Bearer first")
        #expect(access.impersonation.isEmpty)
    }

    @Test func `a context of any file of the list can be named`() throws {
        let a = try write("a")
        let b = try write("b")
        let environment = ["KUBECONFIG": "\(a):\(b)"]
        #expect(try load(context: "b", environment)?.server == "http://b")
        let error = #expect(throws: KubeconfigError.self) { try load(context: "x", environment) }
        #expect(error?.file == "\(a):\(b)")
        #expect(error?.reason == "there is no context x; defined: a, b")
    }

    @Test func `the named file goes before the list, and the list before the home folder`() throws {
        let a = try write("a")
        let b = try write("b")
        _ = try write(".kube/config")
        let home = ["HOME": folder.path]
        #expect(try load(kubeconfig: a, ["KUBECONFIG": b])?.server == "http://a")
        #expect(
            try load(home.merging(["KUBECONFIG": b]) { $1 })?.server == "http://b")
    }

    @Test func `the home folder's file is used when there is one`() throws {
        try folder.write(
            """
            current-context: h
            contexts: [{name: h, context: {cluster: h}}]
            clusters: [{name: h, cluster: {server: "http://home"}}]
            """, to: ".kube/config")
        #expect(try load(["HOME": folder.path])?.server == "http://home")
        #expect(try load(["HOME": "\(folder.path)/elsewhere"]) == nil)
        #expect(try load([:]) == nil)
    }

    @Test func `a named file must exist and say something`() throws {
        let missing = "\(folder.path)/missing"
        #expect(
            throws: KubeconfigError(file: missing, reason: "does not exist")
        ) { try load(kubeconfig: missing, [:]) }
        let empty = try folder.write("", to: "empty")
        #expect(throws: KubeconfigError.self) { try load(kubeconfig: empty, [:]) }
    }

    @Test func `a list of which no file exists is refused outside of a cluster`() throws {
        let error = #expect(throws: KubeconfigError.self) {
            try load(["KUBECONFIG": "\(folder.path)/missing"])
        }
        #expect(error?.file == "KUBECONFIG")
        let empty = try folder.write("contexts: null\nusers:\n", to: "empty")
        #expect(try load(["KUBECONFIG": empty]) == nil)
    }

    @Test(arguments: [
        ("10.0.0.1", "https://10.0.0.1:443"), ("fd00::1", "https://[fd00::1]:443"),
    ])
    func `a Pod has its service account`(host: String, server: String) async throws {
        let environment = ["KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": "443"]
        #expect(try load(environment) == nil)
        try folder.write("pod-token\n", to: "account/token")
        try folder.write(KubeconfigTests.certificate, to: "account/ca.crt")
        try folder.write("team", to: "account/namespace")
        let access = try #require(try load(environment))
        #expect(access.server == server)
        #expect(access.name == "in-cluster")
        #expect(access.namespace == "team")
        #expect(access.transport.caCertificates == Array(KubeconfigTests.certificate.utf8))
        #expect(try await access.credentials.authorization().authorization == "Bearer pod-token")
    }
}
