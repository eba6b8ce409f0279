import Foundation
import LogModel
import Store
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct PodWatchTests {
    private static let watch = "/api/v1/namespaces/default/pods?watch=1"

    /// A watch that a test reads, event by event.
    private struct Watch {
        let client: RawClient

        init(_ gateway: TestGateway, _ target: String, accept: String? = nil) async throws {
            client = try gateway.client()
            try client.request(target, fields: accept.map { ["Accept: \($0)"] } ?? [])
            let head = try await client.readHead()
            #expect(head.status == 200)
        }

        /// The events of the next chunk, as `TYPE NAME VERSION`; none at the end.
        func next() async throws -> [String] {
            guard let chunk = try await client.readChunk() else { return [] }
            return try chunk.split(separator: UInt8(ascii: "\n")).map { line in
                let event = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
                let type = event?["type"] as? String ?? ""
                let name = event?.at("object", "metadata", "name") ?? event?.at("object", "reason")
                let version = event?.at("object", "metadata", "resourceVersion")
                return [type, name as? String ?? "-", version as? String ?? "-"]
                    .joined(separator: " ")
            }
        }
    }

    @Test func `what is there comes first, then every change`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.show("a", uid: "a")
            let watch = try await Watch(gateway, Self.watch)
            #expect(try await watch.next() == ["ADDED a 1"])
            try await gateway.show("b", uid: "b", PodText.object("b"))
            #expect(try await watch.next() == ["ADDED b 2"])
            try await gateway.show("a", uid: "a", PodText.object("a", phase: "Succeeded"))
            #expect(try await watch.next() == ["MODIFIED a 3"])
            // That the cluster has it no longer is no reason to forget it.
            try await gateway.store.write { try $0.markGone(podUID: "a", at: LogTime(seconds: 1)) }
            _ = try await gateway.store.deletePodObjects(goneBefore: .now, limit: 9)
            #expect(try await watch.next() == ["DELETED a 4"])
        }
    }

    @Test func `a watch goes on from a version`() async throws {
        try await TestGateway.with { gateway in
            for name in ["a", "b", "c"] {
                try await gateway.show(name, uid: name, PodText.object(name))
            }
            let watch = try await Watch(gateway, Self.watch + "&resourceVersion=1")
            #expect(try await watch.next() == ["ADDED b 2", "ADDED c 3"])
            try await gateway.show("x", uid: "x", namespace: "other", PodText.object("x"))
            try await gateway.show("b", uid: "b", PodText.object("b", phase: "Failed"))
            #expect(try await watch.next() == ["MODIFIED b 5"])
        }
    }

    @Test(arguments: ["", "&resourceVersion=2"])
    func `a Pod that comes into the selection is added, one that leaves it deleted`(
        version: String
    ) async throws {
        try await TestGateway.with { gateway in
            try await gateway.show("a", uid: "a", labels: ["k": "v"], PodText.object("a"))
            try await gateway.show("b", uid: "b", PodText.object("b"))
            let watch = try await Watch(gateway, Self.watch + "&labelSelector=k%3Dv" + version)
            if version.isEmpty { #expect(try await watch.next() == ["ADDED a 1"]) }
            try await gateway.show("b", uid: "b", labels: ["k": "v"], PodText.object("b"))
            #expect(try await watch.next() == ["ADDED b 3"])
            try await gateway.show("b", uid: "b", PodText.object("b"))
            #expect(try await watch.next() == ["DELETED b 4"])
            // One that was selected before the watch began is known to have been.
            try await gateway.show("a", uid: "a", PodText.object("a"))
            #expect(try await watch.next() == ["DELETED a 5"])
        }
    }

    @Test func `bookmarks mark the end of what is there, and of the watch`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.show("a", uid: "a", PodText.object("a"))
            let query =
                "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
                + "&allowWatchBookmarks=true&timeoutSeconds=1"
            let watch = try await Watch(gateway, Self.watch + query)
            #expect(try await watch.next() == ["ADDED a 1"])
            let text = try #require(try await watch.client.readChunk())
            let bookmark = String(decoding: text, as: UTF8.self)
            #expect(bookmark.contains(#""k8s.io/initial-events-end":"true""#))
            #expect(try await watch.next() == ["BOOKMARK - 1"])
            #expect(try await watch.next() == [])
        }
    }

    @Test func `a version that cannot be gone on from ends the watch with 410`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.show("a", uid: "a", PodText.object("a"))
            let watch = try await Watch(gateway, Self.watch + "&resourceVersion=99")
            #expect(try await watch.next() == ["ERROR Expired -"])
            #expect(try await watch.next() == [])
        }
    }

    @Test func `tables name their columns once`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.show("a", uid: "a", PodText.object("a"))
            try await gateway.show("b", uid: "b", PodText.object("b"))
            let watch = try await Watch(
                gateway, Self.watch, accept: "application/json;as=Table;v=v1;g=meta.k8s.io")
            let chunk = try #require(try await watch.client.readChunk())
            let events = try chunk.split(separator: UInt8(ascii: "\n")).map { line in
                try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
            }
            #expect(events.map { $0?.at("object", "kind") as? String } == ["Table", "Table"])
            let columns = events.map { $0?.at("object", "columnDefinitions") as? [Any] }
            #expect(columns[0]?.count == 9 && columns[1] == nil)
        }
    }

    @Test(arguments: [
        ("&resourceVersion=x", 400), ("&timeoutSeconds=x", 400),
        ("&sendInitialEvents=true", 422), ("&resourceVersionMatch=NotOlderThan", 422),
        ("&labelSelector=!", 400),
    ])
    func `bad parameters are refused`(query: String, code: Int) async throws {
        try await TestGateway.with { gateway in
            let refusal = try await gateway.refusal(Self.watch + query)
            #expect(refusal.code == code)
        }
    }

    @Test func `a watch whose client goes is let go of`() async throws {
        try await TestGateway.with { gateway in
            do {
                let watch = try await Watch(gateway, Self.watch)
                try await gateway.show("a", uid: "a", PodText.object("a"))
                #expect(try await watch.next() == ["ADDED a 1"])
                watch.client.close()
            }
            // The daemon goes down behind this: it would wait for a task that is not cancelled.
        }
    }
}
