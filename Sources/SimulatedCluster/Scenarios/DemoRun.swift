import LogModel

/// One run of the demo pipeline: extract → transform (three in parallel) → load.
///
/// | now and then | every |
/// | --- | --- |
/// | a transform that is killed for its memory | 5th run |
/// | an extract that fails, which ends the run | 7th run |
/// | an extract that succeeds at its second attempt | 4th run |
/// | a load with an init container and a sidecar | 2nd run |
struct DemoRun {
    /// The namespace of all runs.
    static let namespace = "pipelines"
    /// How long a run's Pods stay after their end.
    static let kept = Duration.seconds(240)

    let number: Int
    let seed: UInt64

    /// The name of the workflow.
    var workflow: String { "orders-\(number)" }

    /// The Pods of each stage, in the order of the stages.
    var stages: [[PodBlueprint]] {
        [
            [extract],
            ["customers", "payments", "events"].map(transform),
            [load],
        ]
    }

    private var extract: PodBlueprint {
        var main = container(lines: 40, rate: 8)
        main.log.outputs = [
            ScriptedOutput("rows", "\(48_000 + number * 137)"),
            ScriptedOutput("snapshot", "s3://lake/orders/\(number)/snapshot.parquet"),
        ]
        if number % 7 == 6 {
            main.log.outputs = []
            main.exits = [ContainerExit(code: 2)]
        } else if number % 4 == 3 {
            main.exits = [ContainerExit(code: 1), ContainerExit(code: 0)]
            main.restartDelay = .seconds(3)
        }
        return blueprint("extract", "extract", [main])
    }

    private func transform(_ table: String) -> PodBlueprint {
        var main = container(lines: 120, rate: 12)
        main.log.burst = table == "events" ? 20 : 1
        main.log.outputs = [ScriptedOutput("\(table).rows", "\(9_000 + number * 11)")]
        if table == "payments", number % 5 == 4 {
            main.log.outputs = []
            main.exits = [ContainerExit(code: 137, reason: "OOMKilled")]
        }
        return blueprint("transform", "transform-\(table)", [main])
    }

    private var load: PodBlueprint {
        var containers = [container(lines: 60, rate: 6)]
        containers[0].log.outputs = [
            ScriptedOutput("table", "warehouse.orders_\(number)"),
            ScriptedOutput("report", #"{"run":\#(number),"ok":true}"#),
        ]
        if number % 2 == 1 {
            var migrate = container(lines: 6, rate: 4)
            migrate.name = "migrate"
            migrate.kind = .`init`
            var proxy = container(lines: nil, rate: 1)
            proxy.name = "sql-proxy"
            proxy.kind = .sidecar
            containers = [migrate, proxy] + containers
        }
        return blueprint("load", "load", containers)
    }

    private func container(lines: Int?, rate: Double) -> ContainerScript {
        var script = ContainerScript(name: "main")
        script.image = "registry.example/pipeline:4.2"
        script.log.lines = lines
        script.log.rate = rate
        script.log.style = .pipeline
        script.startDelay = .milliseconds(700)
        return script
    }

    private func blueprint(
        _ stage: String, _ job: String, _ containers: [ContainerScript]
    ) -> PodBlueprint {
        var script = JobScript(containers: containers)
        script.seed = SeededRandom.seed(seed, "\(workflow)-\(job)")
        script.scheduleDelay = .milliseconds(500)
        script.keptFor = Self.kept
        return PodBlueprint(
            namespace: Self.namespace, name: "\(workflow)-\(job)",
            labels: [
                "podwire.dev/workflow": workflow, "podwire.dev/stage": stage,
                "podwire.dev/job": job,
            ],
            annotations: ["kubectl.kubernetes.io/default-container": "main"], script: script)
    }
}
