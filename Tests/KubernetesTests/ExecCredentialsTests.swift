import Foundation
import LogModel
import Logging
import Synchronization
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(5)))
struct ExecCredentialsTests {
    /// A wall clock that stands still until it is moved.
    final class ManualTime: Sendable {
        private let seconds = Mutex<Int64>(1_800_000_000)
        var now: LogTime { LogTime(seconds: seconds.withLock { $0 }) }
        func advance(seconds more: Int64) { seconds.withLock { $0 += more } }
    }

    let folder: TemporaryFolder
    let time = ManualTime()

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Credentials of a plugin that is a shell script.
    func credentials(
        _ script: String, installHint: String? = nil, command: String? = nil,
        cluster: ExecInformation.Cluster? = nil
    ) throws -> ExecCredentials {
        let path = try folder.write("#!/bin/sh\n\(script)\n", to: "plugin", executable: true)
        let plugin = ExecPlugin(
            command: command ?? path, arguments: ["first", "second"],
            environment: ["PATH": "/usr/bin:/bin", "FOLDER": folder.path],
            apiVersion: "client.authentication.k8s.io/v1", cluster: cluster,
            installHint: installHint)
        return ExecCredentials(
            plugin: plugin, logger: Logger(label: "test"), now: { [time] in time.now })
    }

    /// A script that counts its runs and returns the count as token.
    func counting(expires: LogTime? = nil) -> String {
        let expiry = expires.map { ",\"expirationTimestamp\":\"\($0)\"" } ?? ""
        return """
            echo run >> $FOLDER/runs
            n=$(wc -l < $FOLDER/runs | tr -d ' ')
            echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",'
            echo '"status":{"token":"t'$n'"\(expiry)}}'
            """
    }

    var runs: Int { folder.read("runs")?.split(separator: "\n").count ?? 0 }

    @Test func `runs the plugin once for all who ask`() async throws {
        let credentials = try credentials(counting())
        try await withThrowingTaskGroup { group in
            for _ in 0..<20 { group.addTask { try await credentials.authorization() } }
            for try await credential in group { #expect(credential.authorization == "Bearer t1") }
        }
        #expect(runs == 1)
    }

    @Test func `runs it again just before the credential expires`() async throws {
        let expires = LogTime(seconds: time.now.wholeSeconds + 100)
        let credentials = try credentials(counting(expires: expires))
        #expect(try await credentials.authorization().authorization == "Bearer t1")
        time.advance(seconds: 80)
        #expect(try await credentials.authorization().authorization == "Bearer t1")
        time.advance(seconds: 11)
        #expect(try await credentials.authorization().authorization == "Bearer t2")
    }

    @Test func `runs it again after a refusal, but once for one credential`() async throws {
        let credentials = try credentials(counting())
        let used = try await credentials.authorization()
        await credentials.invalidate(used)
        #expect(try await credentials.authorization().authorization == "Bearer t2")
        await credentials.invalidate(used)
        #expect(try await credentials.authorization().authorization == "Bearer t2")
        #expect(runs == 2)
    }

    @Test func `tells the plugin of the cluster`() async throws {
        let cluster = ExecInformation.Cluster(
            server: "https://example/x", tlsServerName: "inner",
            certificateAuthorityData: Data("PEM".utf8),
            config: .object(["a": .array([.integer(1)])]))
        let credentials = try credentials(
            "echo \"$KUBERNETES_EXEC_INFO\" > $FOLDER/info; echo \"$@\" > $FOLDER/args\n"
                + counting(), cluster: cluster)
        _ = try await credentials.authorization()
        #expect(folder.read("args") == "first second\n")
        #expect(
            folder.read("info") == """
                {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",\
                "spec":{"cluster":{"certificate-authority-data":"UEVN","config":{"a":[1]},\
                "server":"https://example/x","tls-server-name":"inner"},"interactive":false}}

                """)
    }

    @Test func `a failing plugin is not started by every request`() async throws {
        let credentials = try credentials("echo run >> $FOLDER/runs; echo no >&2; exit 7")
        for _ in 0..<3 {
            let error = await #expect(throws: ExecPlugin.Failure.self) {
                try await credentials.authorization()
            }
            #expect(error?.reason == "failed with exit code 7")
        }
        #expect(runs == 1)
        time.advance(seconds: 6)
        await #expect(throws: ExecPlugin.Failure.self) { try await credentials.authorization() }
        #expect(runs == 2)
    }

    @Test func `a failure is not kept for as long as the clock was set back`() async throws {
        let credentials = try credentials("echo run >> $FOLDER/runs; exit 7")
        for count in 1...2 {
            await #expect(throws: ExecPlugin.Failure.self) { try await credentials.authorization() }
            #expect(runs == count)
            time.advance(seconds: -3_600)
        }
    }

    @Test func `a missing plugin is reported with its install hint`() async throws {
        let credentials = try credentials(
            "", installHint: "install it with: apt install aws", command: "podwire-no-such-plugin")
        let error = await #expect(throws: ExecPlugin.Failure.self) {
            try await credentials.authorization()
        }
        #expect(
            error?.description == "the credential plugin podwire-no-such-plugin was not found: "
                + "install it with: apt install aws")
    }

    @Test func `a kubeconfig's plugin is found from the kubeconfig's folder`() async throws {
        try folder.write("#!/bin/sh\n\(counting())\n", to: "bin/plugin", executable: true)
        let config = KubeconfigTests.config(
            user: """
                exec: {command: ./bin/plugin, apiVersion: client.authentication.k8s.io/v1,
                interactiveMode: IfAvailable, env: [{name: FOLDER, value: \(folder.path)}]}
                """)
        let path = try folder.write(config, to: "config")
        let access = try #require(
            try ClusterConfiguration.load(
                kubeconfig: path, context: nil, environment: ["PATH": "/usr/bin:/bin"]))
        #expect(try await access.credentials.authorization().authorization == "Bearer t1")
    }
}
