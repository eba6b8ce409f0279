import LogModel

/// Many short jobs that start at one moment and end at another: what a cluster does when a wide stage
/// of a workflow is done, and the most that can come at once.
///
/// Pod `burst-N` is the job `job-N` of the workflow `burst-M`, a hundred jobs each. It prints three
/// lines when it starts, and when it ends another one and the outputs `index=N` and `result=done-N`.
/// Every tenth, from `burst-9` on, exits with 3, all others with 0.
struct BurstScenario {
    /// Jobs of one workflow.
    static let jobsAWorkflow = 100
    /// From the scenario's start to the Pods': time to create them in, 2 s and 1 ms for each.
    static let lead = Duration.seconds(2)

    private let size: ScenarioSize
    private let start: LogTime

    /// The Pods start some time after `start`, see ``lead``.
    init(_ size: ScenarioSize, start: LogTime) {
        self.size = size
        self.start = start + Self.lead + .milliseconds(size.pods)
    }

    /// Creates all Pods.
    func start(in cluster: Cluster) throws(StatusError) {
        for index in 0..<size.pods {
            try cluster.create(pod(index, now: cluster.clock.now, cluster.settings.seed))
        }
    }

    /// The Pod `burst-N`, created at `now`.
    func pod(_ index: Int, now: LogTime, _ seed: UInt64) -> PodBlueprint {
        var main = ContainerScript(name: "main")
        main.log.lines = 4
        main.log.outputs = [
            ScriptedOutput("index", String(index)), ScriptedOutput("result", "done-\(index)"),
        ]
        // Two groups of three lines: one at the start, one at the end.
        main.log.burst = 3
        main.log.rate = 3e9 / Double(max(1, size.lasts.nanoseconds))
        main.exits = [ContainerExit(code: index % 10 == 9 ? 3 : 0)]
        main.startDelay = .zero
        var script = JobScript(containers: [main])
        script.seed = SeededRandom.seed(seed, "burst-\(index)")
        script.scheduleDelay = max(.zero, start - now)
        return PodBlueprint(
            namespace: "default", name: "burst-\(index)",
            labels: [
                "podwire.dev/workflow": "burst-\(index / Self.jobsAWorkflow)",
                "podwire.dev/stage": "burst", "podwire.dev/job": "job-\(index)",
            ], script: script)
    }
}
