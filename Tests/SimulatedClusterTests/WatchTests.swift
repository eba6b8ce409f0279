import LogModel
import SimulatedCluster
import Testing

struct WatchTests {
    private static let path = "/api/v1/pods?watch=1"

    private static func types(_ answer: Answer) throws -> [String] {
        try answer.events().compactMap { $0["type"]?.string }
    }

    @Test func `a watch from a version brings each change since`() async throws {
        let world = TestWorld()
        let version = world.cluster.version
        try world.create("p") { $0.log.lines = 1 }
        world.pass(.seconds(5))
        let answer = try await world.get(Self.path + "&resourceVersion=\(version)")
        #expect(try Self.types(answer) == ["ADDED", "MODIFIED", "MODIFIED", "MODIFIED"])
        try world.cluster.delete(PodKey("default", "p"), graceSeconds: 0)
        world.pass(.seconds(1))
        #expect(try Self.types(answer).suffix(2) == ["MODIFIED", "DELETED"])
        #expect(!answer.hasEnded)
    }

    @Test func `versions only grow`() async throws {
        let world = TestWorld()
        for name in ["a", "b", "c"] { try world.create(name) }
        world.pass(.seconds(20))
        let answer = try await world.get(Self.path + "&resourceVersion=1000")
        let versions = try answer.events().compactMap {
            $0["object"]?["metadata"]?["resourceVersion"]?.string.flatMap { Int($0) }
        }
        #expect(versions.count == 12)
        #expect(zip(versions, versions.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func `a watch from nowhere starts with what is there`() async throws {
        let world = TestWorld()
        try world.create("a")
        try world.create("b")
        #expect(try Self.types(await world.get(Self.path)) == ["ADDED", "ADDED"])
    }

    @Test func `a version that is too old gets an error event with 410, and the end`() async throws
    {
        let world = TestWorld(historyCapacity: 2)
        for name in ["a", "b", "c"] { try world.create(name) }
        let answer = try await world.get(Self.path + "&resourceVersion=1000")
        let event = try #require(try answer.events().first)
        #expect(answer.status == 200)
        #expect(event["type"] == "ERROR")
        #expect(event["object"]?["code"] == 410)
        #expect(event["object"]?["reason"] == "Expired")
        #expect(event["object"]?["message"] == "too old resource version: 1000 (1001)")
        #expect(answer.hasEnded)
    }

    @Test func `bookmarks come when asked for, once a minute and at the end`() async throws {
        let world = TestWorld()
        let query = "&resourceVersion=1000&timeoutSeconds=100"
        let answer = try await world.get(Self.path + query + "&allowWatchBookmarks=true")
        let quiet = try await world.get(Self.path + query)
        #expect(try Self.types(answer) == [])
        world.pass(.seconds(61))
        #expect(try Self.types(answer) == ["BOOKMARK"])
        world.pass(.seconds(40))
        #expect(try Self.types(answer) == ["BOOKMARK", "BOOKMARK"])
        #expect(answer.hasEnded)
        #expect(try Self.types(quiet) == [])
        #expect(quiet.hasEnded)
    }

    @Test func `initial events end with an annotated bookmark`() async throws {
        let world = TestWorld()
        try world.create("a")
        let answer = try await world.get(
            Self.path + "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
                + "&allowWatchBookmarks=true")
        #expect(try Self.types(answer) == ["ADDED", "BOOKMARK"])
        let annotations = try answer.events()[1]["object"]?["metadata"]?["annotations"]
        #expect(annotations?["k8s.io/initial-events-end"] == "true")
        #expect(try await world.get(Self.path + "&sendInitialEvents=true").status == 422)
    }

    @Test func `a Pod that leaves the selection is deleted for that watch`() async throws {
        let world = TestWorld()
        try world.create("p") { $0.log.lines = 1 }
        let answer = try await world.get(
            Self.path + "&resourceVersion=1000&fieldSelector=status.phase=Running")
        #expect(try Self.types(answer) == [])
        world.pass(.seconds(5))
        #expect(try Self.types(answer) == ["ADDED", "DELETED"])
    }
}
