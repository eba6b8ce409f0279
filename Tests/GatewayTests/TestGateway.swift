import Access
import ByteBlocks
import Foundation
import LogModel
import Logging
import StatusFetcher
import Store
import WebServer

@testable import Gateway

/// A gateway over a real store and a real server, on a port of its own.
struct TestGateway: Sendable {
    let store: Store
    let handler: GatewayHandler
    let server: WebServer
    let directory: URL
    let statusFetcher: StatusFetcher
    let working: Task<Void, Never>

    /// Runs `body` with a gateway whose web directory has two small files; stops it all behind it.
    static func with(
        readiness: [ReadinessCheck] = [], metrics: [MetricsSource] = [],
        access: @Sendable (Store) -> AccessControl = { _ in .open(logger: Logger(label: "test")) },
        _ body: (TestGateway) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let web = directory.appending(path: "web")
            try FileManager.default.createDirectory(at: web, withIntermediateDirectories: true)
            try Data("<!doctype html>".utf8).write(to: web.appending(path: "index.html"))
            try Data("export {}".utf8).write(to: web.appending(path: "app.js"))
            let gateway = try await start(
                in: directory, readiness, metrics: metrics, access: access)
            do {
                try await body(gateway)
            } catch {
                await gateway.stop()
                throw error
            }
            await gateway.stop()
        }
    }

    /// Starts a gateway over the store in `directory`.
    static func start(
        in directory: URL, _ readiness: [ReadinessCheck] = [], metrics: [MetricsSource] = [],
        access: @Sendable (Store) -> AccessControl = { _ in .open(logger: Logger(label: "test")) }
    ) async throws -> TestGateway {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let store = try Store.open(
            directory: directory.appending(path: "data").path, settings: StoreSettings(),
            logger: logger)
        let statusFetcher = StatusFetcher(store: store, mapping: JobMapping(), logger: logger)
        try await statusFetcher.restore()
        let handler = try GatewayHandler(
            store: store, control: statusFetcher, access: access(store),
            webDirectory: directory.appending(path: "web").path,
            readiness: [.store(store)] + readiness, metrics: metrics, version: "1.2.3",
            logger: logger)
        var settings = WebServerSettings()
        settings.errorBody = StatusResponse.serverError
        let server = try await WebServer.start(settings, handler: handler, logger: logger)
        return TestGateway(
            store: store, handler: handler, server: server, directory: directory,
            statusFetcher: statusFetcher,
            working: Task { await statusFetcher.run() })
    }

    func stop() async {
        await server.stop(closing: CloseCode.goingAway.rawValue, reason: "the daemon goes down")
        handler.close()
        working.cancel()
        await working.value
        await store.close()
    }

    /// Whoever asks where nobody is asked who they are.
    func anybody() async throws -> Caller {
        try await AccessControl.open(logger: Logger(label: "test")).caller(token: nil)
    }

    func client() throws -> RawClient {
        try RawClient(port: server.port)
    }

    /// The whole answer to a request, on a connection of its own.
    func get(
        _ target: String, method: String = "GET", fields: [String] = []
    ) async throws -> RawResponse {
        try await client().get(target, method: method, fields: fields)
    }

    /// The `Status` object that a request is refused with.
    func refusal(
        _ target: String, method: String = "GET", fields: [String] = []
    ) async throws -> RefusalDocument {
        let response = try await get(target, method: method, fields: fields)
        let document = try JSONDecoder().decode(RefusalDocument.self, from: Data(response.body))
        guard document.code == response.status, document.kind == "Status",
            document.apiVersion == "v1", document.status == "Failure"
        else { throw RawClient.Failure.malformed(response.text) }
        return document
    }
}

/// A `Status` object as clients read it.
struct RefusalDocument: Decodable, Sendable {
    let kind: String
    let apiVersion: String
    let status: String
    let code: Int
    let reason: String
    let message: String
}

extension TestGateway {
    /// Writes a job of one Pod; its row.
    @discardableResult
    func addJob(
        _ name: String = "build", workflow: String = "nightly", uid: String = "u1",
        containers: [ContainerRow] = [Samples.main], phase: String = "Running",
        change: @escaping @Sendable (inout JobRow) -> Void = { _ in }
    ) async throws -> Int64 {
        try await store.write { transaction in
            var job = JobRow(
                uid: "job-\(uid)",
                key: JobKey(namespace: "default", workflow: workflow, job: name),
                status: .running, createdAt: LogTime(seconds: 1_000))
            change(&job)
            let row = try transaction.upsert(job)
            try transaction.upsert(
                PodRow(
                    uid: uid, namespace: "default", name: "p-\(uid)", job: row, node: "n1",
                    phase: phase, createdAt: LogTime(seconds: 1_000), containers: containers))
            return row
        }
    }

    /// Opens a stream of Pod `p-UID`.
    func open(
        _ uid: String = "u1", _ container: String = "main", _ attempt: Int = 0, job: Int64? = nil
    ) async throws -> StreamWriter {
        try await store.openStream(
            StreamDescriptor(
                id: StreamID(podUID: uid, container: container, attempt: attempt),
                namespace: "default", pod: "p-\(uid)", kind: .main, job: job))
    }
}

extension StreamWriter {
    /// Appends lines stamped a second apart, and waits for the commit.
    func write(_ lines: [String], start: Int64 = 0, closed: Bool = true) async throws {
        try await append(Samples.batch(lines, start: start, closed: closed).batch)
        try await committed()
    }
}
