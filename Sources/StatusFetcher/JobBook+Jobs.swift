package import Kubernetes
package import LogModel

extension JobBook {
    /// Takes in a sight of a Job.
    package mutating func observe(_ job: BatchJob) -> [Change] {
        record(job, JobObject(job), isPresent: true)
    }

    /// Takes in that a Job's object is gone; `job` is its last known state.
    package mutating func observeDeletion(of job: BatchJob, at time: LogTime) -> [Change] {
        objectsAlone[job.metadata.uid] = nil
        return record(job, JobObject(job).deleted(at: time), isPresent: false)
    }

    /// Takes in all Jobs of a scope, as a list has shown them.
    package mutating func observeAll(
        _ list: [BatchJob], namespace: String?, at time: LogTime
    ) -> [Change] {
        let listed = Set(list.map(\.metadata.uid))
        var changes = setJobs(areWatched: true, in: namespace)
        objectsAlone = objectsAlone.filter { uid, job in
            listed.contains(uid) || namespace != nil && job.namespace != namespace
        }
        let gone = jobs.values.filter { job in
            job.owner.map { $0.isPresent && !listed.contains($0.uid) } == true
                && (namespace == nil || job.key.namespace == namespace)
        }
        for job in gone.sorted(by: { $0.uid < $1.uid }) {
            guard let object = job.owner?.object else { continue }
            changes += put(object.deleted(at: time), job.uid, isPresent: false, isNew: false)
        }
        return changes + list.flatMap { observe($0) }
    }

    /// Takes in whether Jobs can be watched in a namespace, or in all.
    package mutating func setJobs(areWatched: Bool, in namespace: String?) -> [Change] {
        guard areWatched == withoutJobs.contains(namespace) else { return [] }
        if areWatched { withoutJobs.remove(namespace) } else { withoutJobs.insert(namespace) }
        let concerned = jobs.values.filter { job in
            job.owner != nil && job.state.status != .end
                && (namespace == nil || job.key.namespace == namespace)
        }
        return concerned.map(\.uid).sorted().flatMap { refresh($0) }
    }

    // MARK: - Doubts

    /// Something that the watches have not told, for one of which has come before the other, and that
    /// the cluster can be asked for.
    package enum Doubt: Sendable, Hashable {
        /// The Job is over and has counted more ended Pods than were seen.
        case pods(ofJob: String, namespace: String, owner: String, selector: String?)
        /// All Pods have ended, and their Job has not been seen.
        case job(ofJob: String, namespace: String, name: String, owner: String)
    }

    /// What is in doubt now.
    package var doubts: [Doubt] {
        jobs.values.compactMap { job in
            guard let owner = job.owner, !owner.isAbsent, job.state.status != .end,
                job.pendingEnd == nil, job.pods.haveAllEnded
            else { return nil }
            if let object = owner.object {
                return object.isOver && !object.isCounted
                    ? .pods(
                        ofJob: job.uid, namespace: job.key.namespace, owner: owner.uid,
                        selector: object.selector)
                    : nil
            }
            return job.pods.isEmpty
                ? nil
                : .job(
                    ofJob: job.uid, namespace: job.key.namespace, name: owner.name,
                    owner: owner.uid)
        }
    }

    /// Takes in which of the watched Pods a Job has that is over. Those that are not known will be told by the watch.
    package mutating func settle(podsOf uid: String, are pods: some Sequence<String>) -> [Change] {
        guard let job = jobs[uid], job.owner?.object?.isOver == true,
            pods.allSatisfy({ job.pods[$0] != nil })
        else { return [] }
        jobs[uid]?.owner?.object?.isCounted = true
        return refresh(uid, isRowChanged: true)
    }

    /// Takes in that the Job which owns a job's Pods does not exist.
    package mutating func settle(absenceOfJobOf uid: String) -> [Change] {
        guard let owner = jobs[uid]?.owner, owner.object == nil else { return [] }
        jobs[uid]?.owner?.isAbsent = true
        return refresh(uid, isRowChanged: true)
    }

    // MARK: - Steps

    private mutating func record(
        _ job: BatchJob, _ object: JobObject, isPresent: Bool
    ) -> [Change] {
        let uid = job.metadata.uid
        if let known = jobOfOwner[uid] {
            return put(object, known, isPresent: isPresent, isNew: false)
        }
        guard takesJobsAlone else {
            objectsAlone[uid] = isPresent ? (job.metadata.namespace, object) : nil
            return []
        }
        guard isPresent else { return [] }
        let (run, isNew) = run(
            for: mapping.membership(of: job), uid: uid, name: job.metadata.name,
            createdAt: job.metadata.creationTimestamp)
        return put(object, run, isPresent: isPresent, isNew: isNew)
    }

    private mutating func put(
        _ object: JobObject, _ uid: String, isPresent: Bool, isNew: Bool
    ) -> [Change] {
        guard let job = jobs[uid], let owner = job.owner else { return [] }
        let object = object.following(owner.object, with: job.pods)
        let isChanged = object != owner.object || isPresent != owner.isPresent
        guard isChanged || isNew else { return [] }
        jobs[uid]?.owner?.object = object
        jobs[uid]?.owner?.isPresent = isPresent
        jobs[uid]?.owner?.isAbsent = false
        return refresh(uid, isNew: isNew, isRowChanged: true)
    }
}
