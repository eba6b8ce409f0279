import Access
import Foundation
import HTTPClient
import Kubernetes
import LogModel
import Logging
import SimulatedCluster
import Store
import Synchronization
import WebServer

@testable import Gateway

/// A gateway that asks a simulated cluster who its callers are, with a clock that the test moves.
///
/// | token | its user may |
/// | --- | --- |
/// | `alice-token` | everything in the namespace `default` |
/// | `viewer-token` | see all in `default`, and change nothing |
/// | `bob-token` | everything in the namespace `other` |
/// | `admin-token` | everything everywhere |
/// | `expired-token` | nothing any more |
struct GuardedGateway: Sendable {
    let gateway: TestGateway
    let reviewer: AccessReviewer
    let access: AccessControl
    let clock: TestClock
    private let reviews: WebServer

    /// A clock that stands still but for what the test lets pass.
    final class TestClock: Sendable {
        private let time = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { time.withLock { $0 } }
        func pass(_ duration: Duration) { time.withLock { $0 += duration } }
    }

    /// No token of the table, and other rules where they are given.
    static func rules(without token: String = "", rules: String? = nil) throws -> AccessRules {
        let tokens = ["alice", "viewer", "bob", "admin", "expired"].filter {
            "\($0)-token" != token
        }
        .map { name in
            let expires = name == "expired" ? #","expires":"2020-01-01T00:00:00Z""# : ""
            return #"{"token":"\#(name)-token","user":"\#(name)","groups":["people"]\#(expires)}"#
        }
        let rights = """
            {"user":"alice","namespaces":["default"],"verbs":["*"],"resources":["*"]},
            {"user":"viewer","namespaces":["default"],"verbs":["get"],"resources":["*"]},
            {"user":"bob","namespaces":["other"],"verbs":["*"],"resources":["*"]},
            {"user":"admin","namespaces":["*"],"verbs":["*"],"resources":["*"]}
            """
        let text = """
            {"tokens":[\(tokens.joined(separator: ","))],"rules":[\(rules ?? rights)]}
            """
        return try AccessRules(Array(text.utf8))
    }

    /// Runs `body` with such a gateway, and stops it all behind it.
    static func with(
        _ body: @Sendable (GuardedGateway) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let reviewer = AccessReviewer(try rules())
        let cluster = Cluster(
            settings: ClusterSettings(), clock: SystemClock(), timers: TimerQueue())
        let reviews = try await WebServer.start(
            WebServerSettings(), handler: KubernetesAPI(cluster: cluster, reviewer: reviewer),
            logger: logger)
        let http = try HTTPClient(logger: logger)
        let client = KubernetesClient(
            access: ClusterAccess(
                server: "http://127.0.0.1:\(reviews.port)",
                transport: HTTPTransport(proxyURL: ""), namespace: "default", name: "test",
                credentials: NoCredentials()), http: http, logger: logger)
        let clock = TestClock()
        let made = Mutex<AccessControl?>(nil)
        let result: Result<Void, any Error>
        do {
            try await TestGateway.with(
                access: { store in
                    let control = AccessControl(
                        KubernetesAccess(
                            client, keepsFor: .seconds(10), logger: logger, now: { clock.now }),
                        logger: logger,
                        namespaces: { try await store.read { try $0.namespaces() } },
                        now: { clock.now })
                    made.withLock { $0 = control }
                    return control
                },
                { gateway in
                    guard let access = made.withLock({ $0 }) else { return }
                    try await body(
                        GuardedGateway(
                            gateway: gateway, reviewer: reviewer, access: access, clock: clock,
                            reviews: reviews))
                })
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await reviews.stop(closing: 1001, reason: "the test is over")
        await http.close()
        try result.get()
    }

    /// What Podwire itself shows the simulated cluster: nothing.
    private struct NoCredentials: CredentialSource {
        func authorization() -> Credential { Credential() }
        func invalidate(_ used: Credential) {}
    }

    /// Ends the API server, so that nothing can be reviewed any more.
    func loseReviews() async {
        await reviews.stop(closing: 1001, reason: "lost")
    }

    /// The header field that carries a token.
    static func bearer(_ token: String) -> String { "Authorization: Bearer \(token)" }

    /// A job with a Pod and a log of its own in `default`, and one in `other`.
    func addJobs() async throws {
        for (namespace, uid) in [("default", "u1"), ("other", "u2")] {
            let job = try await gateway.store.write { transaction in
                let row = try transaction.upsert(
                    JobRow(
                        uid: "job-\(uid)",
                        key: JobKey(namespace: namespace, workflow: "nightly", job: "build"),
                        status: .running, createdAt: LogTime(seconds: 1_000)))
                try transaction.upsert(
                    PodRow(
                        uid: uid, namespace: namespace, name: "p", job: row, node: "n1",
                        phase: "Running", createdAt: LogTime(seconds: 1_000),
                        containers: [Samples.main]))
                return row
            }
            let writer = try await gateway.store.openStream(
                StreamDescriptor(
                    id: StreamID(podUID: uid, container: "main", attempt: 0),
                    namespace: namespace, pod: "p", kind: .main, job: job))
            try await writer.write(["a line of \(namespace)"])
        }
    }

    /// A ticket for `path` that `token` had issued.
    func ticket(_ path: String, token: String) async throws -> String {
        let answer = try await gateway.send(
            "POST", "/v1/tickets", "{\"path\":\"\(path)\"}", fields: [Self.bearer(token)])
        struct Ticket: Decodable {
            let ticket: String
        }
        return try JSONDecoder().decode(Ticket.self, from: Data(answer.body)).ticket
    }
}
