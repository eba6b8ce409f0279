import Foundation
import GRDB
import LogModel
import Synchronization
import Testing

@testable import Store

@Suite struct PodObjectTests {
    private func object(
        _ name: String, uid: String? = nil, namespace: String = "default", created: Int64 = 1,
        gone: Int64? = nil, version: String = "1", labels: [String: String] = [:],
        job: String? = nil, in store: Store
    ) -> PodObjectRow {
        PodObjectRow(
            uid: uid ?? "uid-\(name)", namespace: namespace, name: name,
            createdAt: LogTime(seconds: created), goneAt: gone.map(LogTime.init(seconds:)),
            clusterVersion: version, job: job, labels: labels,
            object: store.pack(Array("{\"metadata\":{\"name\":\"\(name)\"}}".utf8)))
    }

    private func put(_ objects: PodObjectRow..., in store: Store) async throws {
        try await store.write { transaction in
            for object in objects { try transaction.store(object) }
        }
    }

    private func changes(
        behind version: Int64, namespace: String? = nil, limit: Int = 100, in store: Store
    ) async throws -> PodObjectPage? {
        try await store.read {
            try $0.podObjectChanges(behind: version, namespace: namespace, limit: limit)
        }
    }

    /// An ended stream with a line, of the Pod `uid-NAME`.
    private func log(of name: String, in store: Store) async throws -> Int64 {
        let writer = try await store.openStream(.named(name))
        try await writer.append(try batch(["line"]))
        try await writer.end(exitCode: 0, reason: nil)
        return writer.row
    }

    @Test func theLastStateOfAPodIsThereAndItsVersionGrows() async throws {
        try await StoreFixture.with { store, _ in
            try await put(object("a", version: "5", labels: ["k": "v"], in: store), in: store)
            try await put(object("b", in: store), in: store)
            try await put(object("a", version: "6", in: store), in: store)
            let found = try await store.read { try $0.podObject(namespace: "default", name: "a") }
            #expect(found?.clusterVersion == "6")
            #expect(found?.version == 3)
            #expect(found?.first == 1)
            let text = try store.unpack(try #require(found).object)
            #expect(String(decoding: text, as: UTF8.self) == #"{"metadata":{"name":"a"}}"#)
            let missing = try await store.read { try $0.podObject(namespace: "x", name: "a") }
            #expect(missing == nil)
        }
    }

    @Test func ofTwoPodsOfOneNameTheLatestIsShown() async throws {
        try await StoreFixture.with { store, _ in
            try await put(
                object("a", uid: "new", created: 9, in: store),
                object("a", uid: "old", created: 3, gone: 8, in: store), in: store)
            let page = try await store.read { try $0.podObjects(PodObjectQuery(), limit: 10) }
            #expect(page.rows.map(\.uid) == ["new"])
            let found = try await store.read { try $0.podObject(namespace: "default", name: "a") }
            #expect(found?.uid == "new")
            #expect(try await changes(behind: 0, in: store)?.rows.map(\.uid) == ["new"])
        }
    }

    @Test func pagesGoOnBehindTheLastPodAndPassOverWhatIsNotSelected() async throws {
        try await StoreFixture.with { store, _ in
            for namespace in ["n2", "n1"] {
                for name in ["c", "a", "b"] {
                    let labels = ["odd": name == "b" ? "no" : "yes"]
                    try await put(
                        object(
                            name, uid: namespace + name, namespace: namespace, labels: labels,
                            job: name == "c" ? "j" : nil, in: store), in: store)
                }
            }
            func page(
                _ query: PodObjectQuery, after: PodKey? = nil, limit: Int
            ) async throws -> PodObjectPage {
                try await store.read { try $0.podObjects(query, after: after, limit: limit) }
            }
            let first = try await page(PodObjectQuery(), limit: 4)
            #expect(first.rows.map(\.uid) == ["n1a", "n1b", "n1c", "n2a"])
            #expect(first.hasMore && first.version == 6)
            let second = try await page(
                PodObjectQuery(), after: PodKey(namespace: "n2", name: "a"), limit: 2)
            #expect(second.rows.map(\.uid) == ["n2b", "n2c"])
            #expect(!second.hasMore)
            let odd = try await page(
                PodObjectQuery(namespace: "n2", labels: { $0["odd"] == "yes" }), limit: 1)
            #expect(odd.rows.map(\.uid) == ["n2a"])
            #expect(odd.hasMore)
            let job = try await page(PodObjectQuery(namespace: "n1", job: "j"), limit: 5)
            #expect(job.rows.map(\.uid) == ["n1c"])
            #expect(try await store.read { try $0.podNamespaces() } == ["n1", "n2"])
        }
    }

    @Test func changesComeInOrderEachPodOnceAndWakeWhoWaits() async throws {
        try await StoreFixture.with { store, _ in
            let wakes = Atomic(0)
            let subscription = store.podNews.subscribeToObjects {
                wakes.add(1, ordering: .relaxed)
            }
            try await put(object("a", in: store), in: store)
            try await put(object("b", namespace: "other", in: store), in: store)
            try await put(object("a", version: "2", in: store), in: store)
            #expect(wakes.load(ordering: .relaxed) == 3)
            subscription.cancel()
            let all = try #require(try await changes(behind: 0, in: store))
            #expect(all.rows.map(\.name) == ["b", "a"])
            #expect(all.version == 3)
            let later = try #require(try await changes(behind: 2, in: store))
            #expect(later.rows.map(\.clusterVersion) == ["2"])
            let one = try #require(
                try await changes(behind: 0, namespace: "other", limit: 1, in: store))
            #expect(one.rows.map(\.name) == ["b"])
            #expect(one.hasMore && one.version == 2)
        }
    }

    @Test func aGonePodIsShownUntilItsLastLogIsDeleted() async throws {
        try await StoreFixture.with { store, _ in
            try await put(object("a", in: store), object("b", in: store), in: store)
            let row = try await log(of: "a", in: store)
            try await store.write { try $0.markGone(podUID: "uid-a", at: LogTime(seconds: 5)) }
            #expect(
                try await store.deletePodObjects(goneBefore: LogTime(seconds: 9), limit: 9) == 0)
            // Still there: b has no log, but exists.
            try await store.deleteLines(ofStreams: [row])
            let left = try await store.read { try $0.podObjects(PodObjectQuery(), limit: 9) }
            #expect(left.rows.map(\.name) == ["b"])
            let deletion = try #require(try await changes(behind: 2, in: store)).rows
            #expect(deletion.map(\.name) == ["a"])
            #expect(deletion.map(\.isDeleted) == [true])
            // One that never had a log goes by its age.
            try await store.write { try $0.markGone(podUID: "uid-b", at: LogTime(seconds: 7)) }
            #expect(
                try await store.deletePodObjects(goneBefore: LogTime(seconds: 7), limit: 9) == 0)
            #expect(
                try await store.deletePodObjects(goneBefore: LogTime(seconds: 8), limit: 9) == 1)
            #expect(try await store.read { try $0.podNamespaces() } == [])
        }
    }

    @Test func onlySoManyDeletionsAreRemembered() async throws {
        try await StoreFixture.with { store, _ in
            let kept = StoreTransaction.rememberedDeletions
            let rows = (0..<kept + 5).map { object("p\($0)", gone: 3, in: store) }
            try await store.write { transaction in
                for row in rows { try transaction.store(row) }
            }
            let version = Int64(rows.count)
            #expect(
                try await store.deletePodObjects(goneBefore: LogTime(seconds: 4), limit: kept - 1)
                    == kept - 1)
            #expect(
                try await changes(behind: version, limit: 9_999, in: store)?.rows.count == kept - 1)
            _ = try await store.deletePodObjects(goneBefore: LogTime(seconds: 4), limit: 9)
            #expect(try await changes(behind: version, in: store) == nil)
            let newer = try await changes(behind: version + 6, limit: 9_999, in: store)
            #expect(newer?.rows.count == kept - 1)
        }
    }

    @Test func whatIsStoredIsKnownAgainAfterAStart() async throws {
        let fixture = StoreFixture()
        let first = try fixture.open()
        try await put(
            object("a", version: "41", in: first), object("b", gone: 3, in: first), in: first)
        await first.close()
        let second = try fixture.open()
        let versions = try await second.read { try $0.storedVersions() }
        #expect(
            versions == [StoredVersion(podUID: "uid-a", namespace: "default", version: "41")])
        try await put(object("c", in: second), in: second)
        #expect(try await second.read { try $0.podObjectVersion() } == 3)
        await second.close()
        try fixture.remove()
    }

    @Test func podsOfOlderDatabasesGetTheMainThings() throws {
        let fixture = StoreFixture()
        try FileManager.default.createDirectory(
            atPath: fixture.directory, withIntermediateDirectories: false)
        let queue = try DatabaseQueue(path: fixture.directory + "/podwire.db")
        try StoreSchema.migrator.migrate(queue, upTo: "5 workflow runs")
        try queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO pod (uid, namespace, name, node, phase, createdAt, deletedAt)
                    VALUES ('u', 'ns', 'p', 'n1', 'Succeeded', 1700000000000000000, 5),
                        ('v', 'ns', 'q', NULL, 'Pending', 1700000000000000000, 5);
                    INSERT INTO container (podUID, name, kind, position)
                    VALUES ('u', 'prep', 'init', 0), ('u', 'main', 'main', 1);
                    INSERT INTO stream (podUID, container, attempt, namespace, pod, kind, openedAt)
                    VALUES ('u', 'main', 0, 'ns', 'p', 'main', 1)
                    """)
        }
        try StoreSchema.migrator.migrate(queue)
        let rows = try queue.read { db in
            try StoreSnapshot(connection: StoreConnection(db: db))
                .podObjects(PodObjectQuery(), limit: 9).rows
        }
        #expect(rows.map(\.name) == ["p"])
        #expect(rows.first?.goneAt == LogTime(nanoseconds: 5))
        let text = try ZstdDecoder(contexts: 1).decodeSized(try #require(rows.first).object.frame)
        #expect(
            String(decoding: text, as: UTF8.self) == """
                {"metadata":{"creationTimestamp":"2023-11-14T22:13:20Z","name":"p",\
                "namespace":"ns","uid":"u"},"spec":{"containers":[{"name":"main"}],\
                "initContainers":[{"name":"prep"}],"nodeName":"n1"},\
                "status":{"phase":"Succeeded"}}
                """)
        try queue.close()
        try fixture.remove()
    }
}
