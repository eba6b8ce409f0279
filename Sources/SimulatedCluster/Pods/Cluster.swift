import LogModel
import Synchronization
import WebServer

/// The Pods of a simulated cluster: created, changed by their scripts as time goes on, deleted; and
/// its Jobs, which create and delete Pods.
///
/// One lock guards everything; what wakes others is done outside it. Where locks nest, a body's comes
/// first, then the cluster's or a log's, then the timer queue's or the archive's. Any thread may use
/// it. Pods move when the timer queue fires, so a cluster without a driver stands still.
package final class Cluster: Sendable {
    /// The settings.
    package let settings: ClusterSettings
    /// Where the time comes from.
    package let clock: any SimulatedClock
    /// Everything that happens later.
    package let timers: TimerQueue

    /// The faults that happened.
    package let faults = FaultCounter()
    /// Every instance that ever started.
    let archive = InstanceArchive()

    let state: Mutex<State>

    struct State {
        var tables: ClusterTables
        var pods: [ObjectKey: LivePod] = [:]
        /// The names of the Pods by their UIDs.
        var keys: [String: ObjectKey] = [:]
        var jobs: [String: LiveJob] = [:]
        /// The Pods of each Job, by the Job's UID.
        var podsOfJobs: [String: Set<ObjectKey>] = [:]
        var random: SeededRandom
        var nodes = NodeTable()
        var watches = 0
        var watchers: [ObjectIdentifier: SocketWake] = [:]
    }

    /// What has to be done once the lock is free.
    struct Outcome {
        var ended: [(log: InstanceLog, at: LogTime)] = []
        var lost: [(log: InstanceLog, at: LogTime, why: InstanceLog.Loss.Reason)] = []
        var watchers: [SocketWake] = []
        var next: LogTime?
        var uid: String
        /// The Job that must look at it.
        var job: String?
    }

    /// An empty cluster.
    package init(settings: ClusterSettings, clock: any SimulatedClock, timers: TimerQueue) {
        self.settings = settings
        self.clock = clock
        self.timers = timers
        state = Mutex(
            State(
                tables: ClusterTables(historyCapacity: settings.historyCapacity),
                random: SeededRandom(seed: settings.seed)))
    }

    /// Creates a Pod; `409` where the name is taken.
    @discardableResult
    package func create(_ blueprint: PodBlueprint) throws(StatusError) -> PodRecord {
        let key = PodKey(blueprint.namespace, blueprint.name)
        let now = clock.now
        let made = state.withLock { state -> (PodRecord, Outcome)? in
            guard state.pods[key] == nil else { return nil }
            let version = state.tables.nextVersion()
            let uid = Self.uid(&state.random)
            let node = state.nodes.place(blueprint.script.kubelet, draw: state.random.next())
            let pod = LivePod(blueprint, uid: uid, node: node, now: now, version: version)
            state.pods[key] = pod
            state.keys[uid] = key
            if let job = pod.job { state.podsOfJobs[job, default: []].insert(key) }
            state.tables.pods.put(pod.record)
            return (pod.record, outcome(of: pod, state))
        }
        guard let (record, outcome) = made else {
            throw .alreadyExists(PodRecord.kind, blueprint.name)
        }
        finish(outcome)
        return record
    }

    /// Tells a Pod to go; `404` where there is none.
    @discardableResult
    package func delete(_ key: PodKey, graceSeconds: Int) throws(StatusError) -> PodRecord {
        let now = clock.now
        let made = state.withLock { state -> (PodRecord, Outcome)? in
            guard var pod = state.pods[key] else { return nil }
            pod.machine.delete(at: now, graceSeconds: graceSeconds)
            pod.show(version: state.tables.nextVersion())
            state.pods[key] = pod
            state.tables.pods.put(pod.record)
            return (pod.record, outcome(of: pod, state))
        }
        guard let (record, outcome) = made else { throw .podNotFound(key.name) }
        finish(outcome)
        return record
    }

    /// The Pod of that name as it is now.
    package func pod(_ key: ObjectKey) -> PodRecord? {
        state.withLock { $0.pods[key]?.record }
    }

    /// The Pod of that name with its life and its logs.
    func livePod(_ key: PodKey) -> LivePod? {
        state.withLock { $0.pods[key] }
    }

    /// Objects of a kind in the order of their names.
    ///
    /// - Returns: at most `limit` selected objects after `start`, how many lie behind the last of
    ///   them, and the cluster's version.
    package func list<Record: ObjectRecord>(
        _ kind: Record.Type, _ selection: ObjectSelection, after start: ObjectKey?, limit: Int
    ) -> (records: [Record], remaining: Int, version: Int) {
        state.withLock { state in
            let page = Record.objects(of: state.tables).list(selection, after: start, limit: limit)
            return (page.records, page.remaining, state.tables.version)
        }
    }

    /// The namespaces that have Pods or Jobs, and `default`, in order.
    var namespaces: [String] {
        state.withLock { $0.tables.namespaces }.union(["default"]).sorted()
    }

    /// The nodes, in the order of their names.
    var nodes: [Node] { state.withLock { $0.nodes.nodes } }

    /// The cluster's version.
    package var version: Int { state.withLock { $0.tables.version } }

    /// The oldest version that a watch of a kind can start from.
    package func oldestVersion<Record: ObjectRecord>(of kind: Record.Type) -> Int {
        state.withLock { Record.objects(of: $0.tables).history.floor }
    }

    /// At most `limit` changes after `version`, and the version that is up to date with them; nil
    /// when some are forgotten.
    package func changes<Record: ObjectRecord>(
        of kind: Record.Type, after version: Int, limit: Int
    ) -> (changes: [ObjectChange<Record>], version: Int)? {
        state.withLock { state in
            let history = Record.objects(of: state.tables).history
            guard let changes = history.changes(after: version, limit: limit) else { return nil }
            let isAll = changes.count < limit
            return (
                changes,
                isAll ? max(version, state.tables.version) : changes[limit - 1].resourceVersion
            )
        }
    }

    /// Forgets all changes up to now, so that older versions are too old.
    package func compact() {
        state.withLock { state in
            state.tables.pods.compact()
            state.tables.jobs.compact()
        }
    }

    /// Has `wake` used with every change until ``forget(watcher:)``.
    func remember(watcher: AnyObject, _ wake: SocketWake) {
        state.withLock { $0.watchers[ObjectIdentifier(watcher)] = wake }
    }

    /// What the next watch meets.
    func nextWatchFault() -> WatchFault? {
        let number = state.withLock { state in
            defer { state.watches += 1 }
            return state.watches
        }
        return WatchFault(settings.faults, world: settings.seed, watch: number)
    }

    /// Forgets a watch.
    func forget(watcher: AnyObject) {
        state.withLock { _ = $0.watchers.removeValue(forKey: ObjectIdentifier(watcher)) }
    }

    /// A short random name, for `generateName`.
    func nameSuffix() -> String {
        state.withLock { state in
            let letters = Array("bcdfghjklmnpqrstvwxz2456789")
            return String(
                (0..<5).map { _ in letters[Int(state.random.next() % UInt64(letters.count))] })
        }
    }

    // MARK: - Time

    /// Takes the steps of a Pod that are due.
    private func advance(_ uid: String) {
        let now = clock.now
        let outcome = state.withLock { state -> Outcome? in
            guard let key = state.keys[uid], var pod = state.pods[key] else { return nil }
            var outcome = Outcome(uid: uid)
            var steps = 0
            while let actions = pod.machine.step(upTo: now) {
                steps += 1
                let isRemoval = take(actions, &pod, &outcome)
                pod.show(version: state.tables.nextVersion())
                outcome.job = pod.job
                guard !isRemoval else {
                    state.tables.pods.remove(pod.record)
                    state.pods[key] = nil
                    state.keys[uid] = nil
                    if let job = pod.job { state.podsOfJobs[job]?.remove(key) }
                    outcome.watchers = Array(state.watchers.values)
                    return outcome
                }
                state.tables.pods.put(pod.record)
            }
            guard steps > 0 else { return nil }
            state.pods[key] = pod
            outcome.next = pod.machine.next
            outcome.watchers = Array(state.watchers.values)
            return outcome
        }
        if let outcome { finish(outcome) }
    }

    /// Does what a step means for logs, and says whether the Pod is gone.
    private func take(
        _ actions: [PodMachine.Action], _ pod: inout LivePod, _ outcome: inout Outcome
    ) -> Bool {
        var isRemoval = false
        for action in actions {
            switch action {
            case .started(let container, let attempt, let at):
                let uid = pod.uid
                if let old = pod.logs[container].previous {
                    outcome.lost.append((old, at, .logRemoved))
                }
                archive.add(
                    pod.startLog(
                        container: container, attempt: attempt, at: at, settings: settings
                    ) { [weak self] in self?.wasReadToEnd(uid, container, attempt) })
            case .ended(let container, let at):
                if let log = pod.logs[container].current { outcome.ended.append((log, at)) }
            case .removed(let at):
                isRemoval = true
                for log in pod.logs.flatMap({ [$0.previous, $0.current] }) {
                    if let log { outcome.lost.append((log, at, .podRemoved)) }
                }
            }
        }
        return isRemoval
    }

    private func wasReadToEnd(_ uid: String, _ container: Int, _ attempt: Int) {
        let now = clock.now
        let next = state.withLock { state -> LogTime? in
            guard let key = state.keys[uid] else { return nil }
            state.pods[key]?.machine.wasReadToEnd(container: container, attempt: attempt, at: now)
            return state.pods[key]?.machine.next
        }
        finish(Outcome(next: next, uid: uid))
    }

    /// What follows from a Pod's new state.
    private func outcome(of pod: LivePod, _ state: State) -> Outcome {
        Outcome(
            watchers: Array(state.watchers.values), next: pod.machine.next, uid: pod.uid,
            job: pod.job)
    }

    private func finish(_ outcome: Outcome) {
        for (log, at) in outcome.ended { log.end(at: at) }
        for (log, at, why) in outcome.lost { log.lose(at: at, why) }
        for watcher in outcome.watchers { watcher.wake() }
        if let next = outcome.next {
            timers.schedule(at: next) { [weak self, uid = outcome.uid] in self?.advance(uid) }
        }
        if let job = outcome.job { look(at: job) }
    }

    static func uid(_ random: inout SeededRandom) -> String {
        func digits(_ count: Int) -> String {
            let text = String(random.next(), radix: 16)
            return String((String(repeating: "0", count: 16) + text).suffix(count))
        }
        return "\(digits(8))-\(digits(4))-4\(digits(3))-a\(digits(3))-\(digits(12))"
    }
}
