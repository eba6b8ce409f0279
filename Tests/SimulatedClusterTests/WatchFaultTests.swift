import SimulatedCluster
import Testing

struct WatchFaultTests {
    private static let path = "/api/v1/pods?watch=1&resourceVersion=1000"

    private static func world(_ faults: String) throws -> TestWorld {
        TestWorld(faults: try FaultMixture(faults))
    }

    private static func count(_ world: TestWorld) async throws -> Int? {
        try await world.get("/simulation/faults").json()["total"]?.int
    }

    @Test(arguments: [("watch-end=1", false), ("watch-cut=1", true)])
    func `a watch ends after 2 to 10 seconds`(faults: String, isCut: Bool) async throws {
        let world = try Self.world(faults)
        let answer = try await world.get(Self.path)
        world.pass(.milliseconds(1_999))
        #expect(try answer.events().isEmpty)
        #expect(!answer.hasEnded)
        #expect(try await Self.count(world) == 0)
        world.pass(.milliseconds(8_001))
        #expect(try answer.events().isEmpty)
        #expect(answer.hasEnded)
        #expect(answer.wasCut == isCut)
        #expect(try await Self.count(world) == 1)
    }

    @Test func `a watch may be told that its version has expired`() async throws {
        let world = try Self.world("watch-410=1")
        let answer = try await world.get(Self.path)
        world.pass(.seconds(10))
        let events = try answer.events()
        #expect(events.map { $0["type"] } == ["ERROR"])
        #expect(events.first?["object"]?["code"] == 410)
        #expect(events.first?["object"]?["reason"] == "Expired")
        #expect(answer.hasEnded && !answer.wasCut)
    }

    @Test func `a watch that ends by itself before meets no fault`() async throws {
        let world = try Self.world("watch-cut=1")
        let answer = try await world.get(Self.path + "&timeoutSeconds=1")
        world.pass(.seconds(1))
        #expect(try answer.events().isEmpty)
        #expect(answer.hasEnded && !answer.wasCut)
        #expect(try await Self.count(world) == 0)
    }

    @Test func `drawn faults hit containers without a script of their own`() async throws {
        let world = try Self.world("status-500=1")
        try world.create("p")
        try world.create("q") { $0.logFaults = [] }
        world.pass(.seconds(1))
        #expect(try await world.get("/api/v1/namespaces/default/pods/p/log").status == 500)
        #expect(try await world.get("/api/v1/namespaces/default/pods/q/log").status == 200)
    }
}
