import Foundation
import Kubernetes
import LogModel
import Logging
import Store
import Testing

@testable import StatusFetcher

@Suite struct PodObjectsTests {
    /// Runs `body` with a store, of which only the packing matters.
    private func withStore(_ body: (Store) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("podwire-objects-\(UUID().uuidString)")
        let store = try Store.open(
            directory: directory.path, settings: StoreSettings(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        do {
            try await body(store)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        try FileManager.default.removeItem(at: directory)
    }

    private func pod(
        _ name: String, _ version: String, text: String = #"{"metadata":{}}"#
    ) -> Pod {
        var pod = PodFixture.running(name)
        pod.metadata.resourceVersion = version
        pod.source = ObjectSource(json: Array(text.utf8))
        return pod
    }

    /// The changes that are due, as `stored UID VERSION` and `gone UID`, in order.
    private func due(_ objects: inout PodObjects) -> [String] {
        objects.takeChanges().map { change in
            switch change {
            case .stored(let row):
                "stored \(row.uid) \(row.clusterVersion)\(row.goneAt == nil ? "" : " gone")"
            case .gone(let uid, _): "gone \(uid)"
            }
        }.sorted()
    }

    @Test func `only what differs from the store is stored`() async throws {
        try await withStore { store in
            var objects = PodObjects(pack: store.pack)
            objects.restore([
                StoredVersion(podUID: "uid-a", namespace: "default", version: "1"),
                StoredVersion(podUID: "uid-z", namespace: "default", version: "1"),
                StoredVersion(podUID: "uid-y", namespace: "elsewhere", version: "1"),
            ])
            try objects.observe(
                .replaced([pod("a", "1"), pod("b", "2")], namespace: "default"), at: .now)
            #expect(due(&objects) == ["gone uid-z", "stored uid-b 2"])
            #expect(due(&objects) == [])
            try objects.observe(.updated(pod("a", "1")), at: .now)
            #expect(due(&objects) == [])
            try objects.observe(.replaced([], namespace: nil), at: .now)
            #expect(due(&objects) == ["gone uid-a", "gone uid-b", "gone uid-y"])
        }
    }

    @Test func `of several changes the last is stored`() async throws {
        try await withStore { store in
            var objects = PodObjects(pack: store.pack)
            try objects.observe(.updated(pod("a", "1")), at: .now)
            try objects.observe(.updated(pod("a", "2")), at: .now)
            try objects.observe(.deleted(pod("a", "3")), at: LogTime(seconds: 4))
            #expect(due(&objects) == ["stored uid-a 3 gone"])
        }
    }

    @Test func `a Pod says which Job it belongs to`() async throws {
        try await withStore { store in
            var objects = PodObjects(pack: store.pack)
            var owned = pod("a", "1")
            owned.metadata.ownerReferences = [
                Pod.OwnerReference(
                    apiVersion: "v1", kind: "Other", name: "o", uid: "o", controller: false),
                Pod.OwnerReference(apiVersion: "batch/v1", kind: "Job", name: "j", uid: "u"),
            ]
            try objects.observe(.updated(owned), at: .now)
            guard case .stored(let row) = objects.takeChanges().first else {
                Issue.record("nothing is stored")
                return
            }
            #expect(row.job == "j")
        }
    }

    @Test func `of an object that is too large the main things are kept`() async throws {
        try await withStore { store in
            var objects = PodObjects(pack: store.pack)
            let large = String(repeating: "x", count: PodObjects.limitBytes)
            try objects.observe(
                .updated(pod("a", "1", text: #"{"metadata":{"a":"\#(large)"}}"#)), at: .now)
            guard case .stored(let row) = objects.takeChanges().first else {
                Issue.record("nothing is stored")
                return
            }
            let text = String(decoding: try store.unpack(row.object), as: UTF8.self)
            #expect(text.contains(#""name":"a""#) && text.contains(#""phase":"Running""#))
            #expect(text.utf8.count < 1_000)
        }
    }
}
