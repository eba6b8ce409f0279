import LogModel
import SimulatedCluster
import Testing

struct DemoScenarioTests {
    @Test func `runs go on for ever, with failures, and old Pods are deleted`() throws {
        let world = TestWorld(historyCapacity: 100_000)
        try Scenario.demo.start(in: world.cluster, size: ScenarioSize())
        world.pass(.seconds(1_800))
        let pods = world.cluster.list(
            PodRecord.self,
            try ObjectSelection(namespace: nil, []), after: nil, limit: .max
        ).records
        #expect((20...150).contains(pods.count))
        let statuses = Set(
            (world.cluster.changes(of: PodRecord.self, after: 1_000, limit: .max)?.changes ?? [])
                .map(
                    \.after.row.status))
        #expect(
            statuses.isSuperset(of: [
                "Pending", "ContainerCreating", "Running", "Completed", "Error", "OOMKilled",
                "CrashLoopBackOff", "Init:0/2",
            ]))
        #expect(pods.allSatisfy { $0.labels["podwire.dev/workflow"]?.hasPrefix("orders-") == true })
        #expect(world.timers.count < 1_000)
    }

    @Test func `the same seed makes the same cluster`() throws {
        func uids() throws -> [String] {
            let world = TestWorld()
            try Scenario.demo.start(in: world.cluster, size: ScenarioSize())
            world.pass(.seconds(60))
            return world.cluster.list(
                PodRecord.self, try ObjectSelection(namespace: nil, []), after: nil, limit: .max
            )
            .records.map(\.uid)
        }
        #expect(try uids() == uids())
    }

    @Test func `a cluster that nobody uses any more goes, though its runs would go on for ever`()
        throws
    {
        weak var cluster: Cluster?
        do {
            let world = TestWorld()
            try Scenario.demo.start(in: world.cluster, size: ScenarioSize())
            world.pass(.seconds(60))
            cluster = world.cluster
            #expect(cluster != nil)
        }
        #expect(cluster == nil)
    }
}
