import LogModel

/// What a simulated cluster does by itself.
package enum Scenario: String, Sendable, CaseIterable {
    /// A small data pipeline that keeps running, see ``DemoScenario``.
    case demo
    /// Nothing: Pods come through the API.
    case empty
    /// One Pod that writes 100-byte lines as fast as they are read.
    case firehose
    /// Many Pods that each write slowly, for ever.
    case many
    /// Many short jobs that all end at the same moment, see ``BurstScenario``.
    case burst
}

/// How large a scenario is.
package struct ScenarioSize: Sendable {
    /// Bytes of the firehose's log, without timestamps.
    package var bytes = 1_000_000_000
    /// Pods of `many` and `burst`.
    package var pods = 1_000
    /// Lines a second of each Pod of `many`.
    package var rate = 2.0
    /// How long each Pod of `burst` runs.
    package var lasts = Duration.seconds(20)

    /// Makes the default size.
    package init() {}
}

extension Scenario {
    /// Starts the scenario in `cluster`.
    package func start(in cluster: Cluster, size: ScenarioSize) throws(StatusError) {
        switch self {
        case .empty: return
        case .demo: DemoScenario(start: cluster.clock.now).run(in: cluster)
        case .firehose: try cluster.create(Self.firehose(size, cluster.settings.seed))
        case .many:
            for index in 0..<size.pods {
                try cluster.create(Self.slowPod(index, size, cluster.settings.seed))
            }
        case .burst: try BurstScenario(size, start: cluster.clock.now).start(in: cluster)
        }
    }

    /// The Pod `firehose-0` in namespace `default`.
    package static func firehose(_ size: ScenarioSize, _ seed: UInt64) -> PodBlueprint {
        var main = ContainerScript(name: "main")
        main.log.bytes = 100
        main.log.lines = max(1, size.bytes / main.log.bytes)
        main.log.rate = 0
        main.log.pace = .reader
        var script = JobScript(containers: [main])
        script.seed = SeededRandom.seed(seed, "firehose-0")
        return PodBlueprint(namespace: "default", name: "firehose-0", script: script)
    }

    /// The Pod `slow-N` in namespace `default`. Their lines are spread evenly over time.
    package static func slowPod(
        _ index: Int, _ size: ScenarioSize, _ seed: UInt64
    ) -> PodBlueprint {
        var main = ContainerScript(name: "main")
        main.log.lines = nil
        main.log.rate = size.rate
        if size.rate > 0 {
            main.log.phase = .seconds(Double(index) / Double(size.pods) / size.rate)
        }
        var script = JobScript(containers: [main])
        script.seed = SeededRandom.seed(seed, "slow-\(index)")
        return PodBlueprint(namespace: "default", name: "slow-\(index)", script: script)
    }
}
