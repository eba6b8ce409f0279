import ByteBlocks
import Foundation
import HTTPClient
import Kubernetes
import LogModel
import Logging
import ScriptedHTTP
import Store

@testable import Capture

/// One run of the whole capture on a ``FakePod``: real sockets, a real store.
struct CaptureRun {
    /// What the store has of a stream in the end.
    struct Stored: Equatable {
        var text: String
        var gaps: Int
        var isEnded: Bool
        var exitCode: Int?
    }

    private struct NoCredentials: CredentialSource {
        func authorization() async throws -> Credential { Credential() }
        func invalidate(_ used: Credential) async {}
    }

    private struct OneJob: JobDirectory {
        let store: Store

        func job(of pod: Pod) async throws -> JobOfPod {
            let key = JobKey(namespace: "n", workflow: "w", job: "j")
            let job = JobRow(uid: "u", key: key, status: .running, createdAt: .now)
            return JobOfPod(row: try await store.write { try $0.upsert(job) })
        }
    }

    private struct Ends: StreamObserver {
        let ended: AsyncStream<StreamID>.Continuation
        func streamEnded(_ id: StreamID) async { ended.yield(id) }
    }

    var store = StoreSettings()
    /// Told of the store before anything is captured.
    var withStore: (@Sendable (Store) -> Void)?
    /// Streams that an earlier run of the daemon has begun.
    var earlier: [StreamDescriptor] = []

    /// Follows `pod` until `count` streams have ended, and returns what is stored, by attempt.
    func capture(_ pod: FakePod, ends count: Int = 1) async throws -> [Stored] {
        let directory =
            FileManager.default.temporaryDirectory.path + "/capture-\(UUID().uuidString)"
        let logger = Logger(label: "test")
        let server = try ScriptedServer { pod.answer($0) }
        let http = try HTTPClient(logger: logger)
        let store = try Store.open(directory: directory, settings: store, logger: logger)
        withStore?(store)
        for stream in earlier { _ = try await store.openStream(stream) }
        let access = ClusterAccess(
            server: server.url, transport: HTTPTransport(), namespace: "n", name: "test",
            credentials: NoCredentials())
        let (ended, continuation) = AsyncStream<StreamID>.makeStream()
        var settings = DispatcherSettings()
        settings.follower.firstBackoff = .milliseconds(2)
        settings.follower.longestBackoff = .milliseconds(20)
        settings.follower.statusLag = .milliseconds(10)
        let dispatcher = Dispatcher(
            client: KubernetesClient(access: access, http: http, logger: logger), store: store,
            jobs: OneJob(store: store), observer: Ends(ended: continuation), settings: settings,
            logger: logger)
        let running = Task { await dispatcher.run() }
        await dispatcher.observe(.replaced([try pod.object()], namespace: nil))
        var left = count
        for await _ in ended {
            left -= 1
            if left == 0 { break }
        }
        running.cancel()
        await running.value
        let result = try await stored(in: store)
        await store.close()
        await http.close()
        server.stop()
        try FileManager.default.removeItem(atPath: directory)
        return result
    }

    private func stored(in store: Store) async throws -> [Stored] {
        var result: [Stored] = []
        let streams = try await store.streams(StreamQuery(namespace: "n", pod: "p"))
        for stream in streams.sorted(by: { $0.id.attempt < $1.id.attempt }) {
            var text = ""
            var line: Int64 = 0
            while let batch = try await store.batch(stream: stream.row, at: line) {
                text += batch.batch.text.text
                line = batch.next
            }
            result.append(
                Stored(
                    text: text, gaps: stream.gaps, isEnded: stream.state == .ended,
                    exitCode: stream.exitCode))
        }
        return result
    }
}
