import LogModel
import Synchronization
import WebServer

/// What becomes of a Job's Pods when it is deleted.
package enum JobDeletion: String, Sendable {
    /// The Job goes at once, its Pods soon after.
    case background = "Background"
    /// The Pods go first.
    case foreground = "Foreground"
    /// The Pods stay, as nobody's.
    case orphan = "Orphan"
}

extension Cluster {
    /// Creates a Job from its manifest; `409` where the name is taken.
    @discardableResult
    package func createJob(
        _ manifest: JSONValue, namespace: String
    ) throws(StatusError) -> JobRecord {
        let uid = state.withLock { Self.uid(&$0.random) }
        let parsed = try JobManifest(
            manifest, namespace: namespace, uid: uid, suffix: nameSuffix)
        let now = clock.now
        let made = state.withLock { state -> (JobRecord, [SocketWake])? in
            guard state.tables.jobs[ObjectKey(namespace, parsed.name)] == nil else { return nil }
            let job = LiveJob(
                parsed, namespace: namespace, uid: uid, now: now,
                version: state.tables.nextVersion(),
                hasInterimConditions: settings.hasInterimConditions)
            state.jobs[uid] = job
            state.tables.jobs.put(job.record)
            return (job.record, Array(state.watchers.values))
        }
        guard let (record, watchers) = made else {
            throw .alreadyExists(JobRecord.kind, parsed.name)
        }
        for watcher in watchers { watcher.wake() }
        look(at: uid)
        return record
    }

    /// The Job of that name as it is now.
    package func job(_ key: ObjectKey) -> JobRecord? {
        state.withLock { $0.tables.jobs[key] }
    }

    /// Gives a Job another manifest; `409` when the change was made from a `version` that is not the
    /// present one.
    @discardableResult
    func changeJob(
        _ uid: String, to manifest: JobManifest, from version: Int?
    ) throws(StatusError) -> JobRecord {
        let made = state.withLock { state -> (JobRecord, [SocketWake])? in
            guard var job = state.jobs[uid],
                version.map({ $0 == job.record.resourceVersion }) ?? true
            else { return nil }
            guard manifest != job.manifest else { return (job.record, []) }
            job.change(to: manifest)
            job.show(version: state.tables.nextVersion())
            state.jobs[uid] = job
            state.tables.jobs.put(job.record)
            return (job.record, Array(state.watchers.values))
        }
        guard let (record, watchers) = made else {
            throw .conflict(JobRecord.kind, manifest.name)
        }
        for watcher in watchers { watcher.wake() }
        look(at: uid)
        return record
    }

    /// Deletes a Job; `404` where there is none.
    @discardableResult
    package func deleteJob(
        _ key: ObjectKey, _ deletion: JobDeletion
    ) throws(StatusError) -> JobRecord {
        let now = clock.now
        let made = state.withLock { state -> (JobRecord, [SocketWake])? in
            guard let uid = state.tables.jobs[key]?.uid, var job = state.jobs[uid] else {
                return nil
            }
            switch deletion {
            case .foreground:
                job.machine.delete(at: now)
                job.show(version: state.tables.nextVersion())
                state.jobs[uid] = job
                state.tables.jobs.put(job.record)
            case .orphan:
                for pod in state.podsOfJobs.removeValue(forKey: uid) ?? [] {
                    state.pods[pod]?.orphan(version: state.tables.nextVersion())
                    if let record = state.pods[pod]?.record { state.tables.pods.put(record) }
                }
                remove(job, &state)
            case .background: remove(job, &state)
            }
            return (job.record, Array(state.watchers.values))
        }
        guard let (record, watchers) = made else { throw .notFound(JobRecord.kind, key.name) }
        for watcher in watchers { watcher.wake() }
        if deletion == .background { collectPods(of: record.uid) }
        look(at: record.uid)
        return record
    }

    // MARK: - The controller

    /// Has a Job's controller look at it, soon or at `time`.
    func look(at uid: String, from time: LogTime? = nil) {
        let due = max(time ?? clock.now, clock.now) + settings.controllerDelay
        let isEarlier = state.withLock { state in
            guard let planned = state.jobs[uid].map({ $0.looksAt ?? .distant }), due < planned
            else { return false }
            state.jobs[uid]?.looksAt = due
            return true
        }
        guard isEarlier else { return }
        timers.schedule(at: due) { [weak self] in self?.control(uid, due) }
    }

    /// One look of a Job's controller, and what follows from it.
    private func control(_ uid: String, _ due: LogTime) {
        let now = clock.now
        var watchers: [SocketWake] = []
        var next: LogTime?
        let actions = state.withLock { state -> [JobMachine.Action] in
            // An earlier look has taken this one's place.
            guard var job = state.jobs[uid], job.looksAt == due else { return [] }
            job.looksAt = nil
            let before = (job.machine.status, job.machine.deletion)
            let pods = (state.podsOfJobs[uid] ?? []).compactMap { state.pods[$0] }
                .map(JobPod.init).sorted { $0.key < $1.key }
            let actions = job.machine.look(at: pods, now: now)
            next = job.machine.next
            if actions == [.remove] {
                remove(job, &state)
                watchers = Array(state.watchers.values)
                return []
            }
            if before != (job.machine.status, job.machine.deletion) {
                job.show(version: state.tables.nextVersion())
                state.tables.jobs.put(job.record)
                watchers = Array(state.watchers.values)
            }
            state.jobs[uid] = job
            return actions
        }
        for watcher in watchers { watcher.wake() }
        for action in actions { act(action, uid) }
        if let next { look(at: uid, from: next) }
    }

    private func act(_ action: JobMachine.Action, _ uid: String) {
        do throws(StatusError) {
            switch action {
            case .create(let index): try createPod(of: uid, index: index)
            case .delete(let key): try delete(key, graceSeconds: 30)
            case .remove: return
            }
        } catch {
            // A Pod that is gone already, or a random name that is taken: the next look sees it.
            look(at: uid)
        }
    }

    private func createPod(of uid: String, index: Int?) throws(StatusError) {
        let made = state.withLock { state -> (job: LiveJob, isFailing: Bool)? in
            guard let job = state.jobs[uid] else { return nil }
            state.jobs[uid]?.podsMade += 1
            return (job, job.podsMade < job.manifest.parsed.failingPods)
        }
        guard let (job, isFailing) = made else { return }
        let middle = index.map { "-\($0)" } ?? ""
        let manifest = job.manifest.pod(
            namespace: job.namespace, uid: uid,
            name: "\(job.manifest.name)\(middle)-\(nameSuffix())", index: index,
            isFailing: isFailing)
        try create(
            PodManifest.read(
                manifest, namespace: job.namespace, seed: settings.seed, suffix: nameSuffix))
    }

    private func remove(_ job: LiveJob, _ state: inout State) {
        var job = job
        job.show(version: state.tables.nextVersion())
        state.tables.jobs.remove(job.record)
        state.jobs[job.uid] = nil
    }

    /// Deletes the Pods of a Job that is gone, as the garbage collector does.
    private func collectPods(of uid: String) {
        timers.schedule(at: clock.now + settings.controllerDelay) { [weak self] in
            guard let self else { return }
            let pods = state.withLock { $0.podsOfJobs.removeValue(forKey: uid) ?? [] }
            for pod in pods.sorted() {
                do throws(StatusError) {
                    try delete(pod, graceSeconds: 30)
                } catch {
                    continue  // Gone by itself.
                }
            }
        }
    }
}

extension LogTime {
    /// After everything that is planned.
    fileprivate static let distant = LogTime(nanoseconds: .max)
}
