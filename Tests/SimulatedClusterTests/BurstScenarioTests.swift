import LogModel
import Testing

@testable import SimulatedCluster

@Suite struct BurstScenarioTests {
    @Test func `all Pods start at one moment and end at another`() async throws {
        let world = TestWorld()
        var size = ScenarioSize()
        size.pods = 20
        size.lasts = .seconds(5)
        try Scenario.burst.start(in: world.cluster, size: size)
        func phases() -> [String] {
            (0..<20).compactMap { world.cluster.pod(PodKey("default", "burst-\($0)"))?.phase }
        }
        let lead = BurstScenario.lead + .milliseconds(20)
        world.pass(lead - .nanoseconds(1))
        #expect(phases() == Array(repeating: "Pending", count: 20))
        world.pass(.nanoseconds(1))
        #expect(phases() == Array(repeating: "Running", count: 20))
        world.pass(.seconds(5))
        #expect(phases() == Array(repeating: "Running", count: 20))
        world.pass(.milliseconds(101))
        let failed = phases().indices.filter { phases()[$0] == "Failed" }
        #expect(failed == [9, 19])
        #expect(phases().filter { $0 == "Succeeded" }.count == 18)
        let log = try await world.get("/api/v1/namespaces/default/pods/burst-13/log").read()
        let lines = log.split(separator: "\n")
        #expect(lines.count == 6)
        #expect(lines.suffix(2) == ["JOB_OUT index=13", "JOB_OUT result=done-13"])
    }
}
