import HTTPClient
package import Kubernetes
import LogModel
package import Logging
package import Store

/// Follows every container instance once: starts a ``Follower`` as soon as there can be a log, tells
/// it what the watch says, and keeps to the limits.
///
/// Containers that wait (for an image, a node, their turn) cost no requests: only the watch moves
/// them. Events may come before ``run()``; followers start with it.
package actor Dispatcher: PodObserver {
    /// One instance that was found.
    private struct Entry {
        var target: FollowTarget
        var instance: InstanceState
        let signals = InstanceSignals()
        var isDone = false
    }

    /// The counters, for metrics and tests.
    package nonisolated let statistics = CaptureStatistics()

    private let context: Follower.Context
    private let store: Store
    private let logger: Logger
    private var pods: [String: Pod] = [:]
    private var entries: [String: [StreamID: Entry]] = [:]
    private var queue: FollowQueue
    private let starts = AsyncStream<StreamID>.makeStream()

    /// A dispatcher; nothing runs before ``run()``.
    ///
    /// Further `writers` hear of every stream beside the store.
    package init(
        client: KubernetesClient, store: Store, jobs: any JobDirectory,
        observer: any StreamObserver, settings: DispatcherSettings = DispatcherSettings(),
        writers: [any LogWriter] = [], logger: Logger
    ) {
        queue = FollowQueue(follows: settings.follows, followsPerNode: settings.followsPerNode)
        self.store = store
        self.logger = logger
        context = Follower.Context(
            client: client, store: store, jobs: jobs, observer: observer,
            settings: settings.follower, gate: StartGate(rate: settings.startsPerSecond),
            nodes: NodeVersions(client: client, logger: logger), recovery: NodeRecovery(),
            statistics: statistics,
            writers: { id in
                writers.map {
                    WriterQueue(writer: $0, stream: id, limit: settings.writerQueueBytes)
                }
            }, logger: logger)
    }

    /// Follows until the task is cancelled. One child task a stream; all have ended on return.
    package func run() async {
        await withDiscardingTaskGroup { group in
            let (gate, client) = (context.gate, context.client)
            group.addTask { await gate.run(probe: { try await Self.probe(client) }) }
            for await id in starts.stream {
                group.addTask { await self.follow(id) }
            }
            group.cancelAll()
        }
    }

    /// Asks the API server for something small; an answer that will not change by itself is one.
    private static func probe(_ client: KubernetesClient) async throws {
        do {
            try await client.ready()
        } catch let error as KubernetesError where error.status != nil && !error.isRetriable {
            return
        }
    }

    // MARK: - What the watch says

    package func observe(_ event: PodEvent) async {
        switch event {
        case .updated(let pod): update(pod)
        case .deleted(let pod):
            update(pod)
            gone(pod.metadata.uid)
        case .replaced(let list, let namespace):
            let known = Set(list.map(\.metadata.uid))
            for pod in list { update(pod) }
            let missing = pods.values.filter { pod in
                !known.contains(pod.metadata.uid)
                    && (namespace == nil || namespace == pod.metadata.namespace)
            }
            for pod in missing { gone(pod.metadata.uid) }
            await endOrphans(namespace: namespace)
        }
        startNext()
    }

    private func update(_ pod: Pod) {
        var pod = pod
        // Kept for as long as the Pod exists, so without what is of no use here.
        pod.source = nil
        let uid = pod.metadata.uid
        pods[uid] = pod
        for container in pod.containers {
            guard let status = container.status else { continue }
            let latest = max(0, status.restartCount)
            // The instance before the current one is within reach of `previous`.
            for attempt in max(0, latest - 1)...latest {
                let instance = InstanceState(attempt: attempt, of: status)
                found(FollowTarget(pod, container, attempt: attempt), at: instance)
            }
            for (id, entry) in entries[uid] ?? [:]
            where id.container == container.name && id.attempt < latest - 1 {
                if entry.isDone {
                    // Nothing names it any more: a container may be restarted for as long as it likes.
                    entries[uid]?[id] = nil
                } else {
                    move(entry, id, to: InstanceState(attempt: id.attempt, of: status))
                }
            }
        }
    }

    /// Takes an instance in, or moves one that is known.
    private func found(_ target: FollowTarget, at instance: InstanceState) {
        let uid = target.id.podUID
        if let entry = entries[uid]?[target.id] {
            move(entry, target.id, to: instance)
            return
        }
        switch instance {
        case .waiting, .outOfReach: return
        case .running: add(target, at: instance, isUrgent: false)
        case .terminated, .replaced, .gone: add(target, at: instance, isUrgent: true)
        }
    }

    /// Has an instance followed that nobody follows.
    private func add(_ target: FollowTarget, at instance: InstanceState, isUrgent: Bool) {
        entries[target.id.podUID, default: [:]][target.id] = Entry(
            target: target, instance: instance)
        queue.add(.init(id: target.id, node: target.node, isUrgent: isUrgent))
    }

    private func move(_ entry: Entry, _ id: StreamID, to instance: InstanceState) {
        guard !entry.isDone else { return }
        entries[id.podUID]?[id]?.instance = instance
        entry.signals.post(instance)
    }

    private func gone(_ uid: String) {
        pods[uid] = nil
        for (id, entry) in entries[uid] ?? [:] { move(entry, id, to: .gone) }
        forgetIfDone(uid)
    }

    /// Ends streams that the store has as live and whose log nobody can ask for any more: the daemon
    /// was not there when their Pod went away, or when their container was started again twice. Their
    /// jobs' ends wait for them.
    private func endOrphans(namespace: String?) async {
        var query = StreamQuery()
        query.namespace = namespace
        query.state = .live
        query.limit = 1_000_000
        do {
            for stream in try await store.streams(query)
            where entries[stream.id.podUID]?[stream.id] == nil {
                let target = FollowTarget(
                    id: stream.id, namespace: stream.namespace, pod: stream.pod, kind: stream.kind)
                // A Pod that came after the list is not in it, and not gone.
                guard let pod = pods[stream.id.podUID] else {
                    add(target, at: .gone, isUrgent: true)
                    continue
                }
                let container = pod.containers.first { $0.name == stream.id.container }
                let instance = InstanceState(attempt: stream.id.attempt, of: container?.status)
                if case .outOfReach = instance { add(target, at: instance, isUrgent: true) }
            }
        } catch {
            logger.error(
                "streams that are over cannot be looked up, the next list tries again",
                metadata: ["error": "\(error)"])
        }
    }

    // MARK: - Followers

    private func startNext() {
        while let item = queue.next() { starts.continuation.yield(item.id) }
        publishCounters()
    }

    private func follow(_ id: StreamID) async {
        guard let entry = entries[id.podUID]?[id] else { return finished(id, isDone: false) }
        let follower = Follower(
            entry.target, at: entry.instance, signals: entry.signals, context: context)
        var delays = Backoff(initial: .milliseconds(500), maximum: .seconds(30))
        var generator = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            do {
                try await follower.run()
                statistics.count(\.ended)
                return finished(id, isDone: true)
            } catch is CancellationError where Task.isCancelled {
                break
            } catch {
                logger.error(
                    "a stream cannot be stored, tried again",
                    metadata: ["stream": "\(id)", "error": "\(error)"])
                do {
                    try await Task.sleep(for: delays.next(using: &generator))
                } catch {
                    break
                }
            }
        }
        finished(id, isDone: false)
    }

    private func finished(_ id: StreamID, isDone: Bool) {
        queue.finished(id)
        if isDone { entries[id.podUID]?[id]?.isDone = true }
        forgetIfDone(id.podUID)
        startNext()
    }

    /// A Pod that is gone and whose streams are all over is not remembered.
    private func forgetIfDone(_ uid: String) {
        guard pods[uid] == nil, let all = entries[uid], all.values.allSatisfy(\.isDone) else {
            return
        }
        entries[uid] = nil
    }

    private func publishCounters() {
        statistics.set(following: queue.following, queued: queue.waiting)
    }
}
