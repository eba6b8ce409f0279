import LogModel

/// A Pod of a cluster: its life, the version that is shown, and the logs of the instances that the
/// node still has (the last two of each container, as with a real node's default).
struct LivePod {
    /// The instances of one container whose logs can be read.
    struct Logs {
        var current: InstanceLog?
        var previous: InstanceLog?
    }

    private(set) var blueprint: PodBlueprint
    /// The UID of the Job that controls it.
    private(set) var job: String?
    let uid: String
    let node: String
    var machine: PodMachine
    var logs: [Logs]
    var record: PodRecord

    init(_ blueprint: PodBlueprint, uid: String, node: String, now: LogTime, version: Int) {
        self.blueprint = blueprint
        job = blueprint.job
        self.uid = uid
        self.node = node
        machine = PodMachine(script: blueprint.script, created: now)
        logs = Array(repeating: Logs(), count: blueprint.script.containers.count)
        record = PodRecord(
            PodObject(
                blueprint: blueprint, uid: uid, node: node, resourceVersion: version,
                machine: machine))
    }

    /// Shows the machine's present state as a new version.
    mutating func show(version: Int) {
        record = PodRecord(
            PodObject(
                blueprint: blueprint, uid: uid, node: node, resourceVersion: version,
                machine: machine))
    }

    /// Takes the Pod from its owners.
    mutating func orphan(version: Int) {
        blueprint.ownerReferences = nil
        job = nil
        show(version: version)
    }

    /// Gives a new instance its log, and takes that of the one before the last away.
    mutating func startLog(
        container: Int, attempt: Int, at time: LogTime, settings: ClusterSettings,
        onReadToEnd: @escaping @Sendable () -> Void
    ) -> InstanceLog {
        let script = blueprint.script.containers[container]
        let text = LogText(
            seed: blueprint.script.seed, container: script.name, attempt: attempt,
            script: script.log)
        logs[container].previous = logs[container].current
        let identity = InstanceIdentity(
            pod: record.key, uid: uid, container: script.name, kind: script.kind, attempt: attempt)
        let plan =
            script.logFaults.map(FaultPlan.init(script:))
            ?? FaultPlan(settings.faults, world: settings.seed, instance: identity)
        let log = InstanceLog(
            identity, text: text, script: script.log, start: time,
            kubelet: blueprint.script.kubelet, plan: plan, onReadToEnd: onReadToEnd)
        logs[container].current = log
        return log
    }
}
