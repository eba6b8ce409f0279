package import Kubernetes
package import LogModel

extension JobBook {
    /// Takes in a sight of a Pod.
    package mutating func observe(_ pod: Pod) -> [Change] {
        let membership = mapping.membership(of: pod)
        return record(
            pod, state: PodState(pod, membership),
            membership: membership, deletedAt: nil)
    }

    /// Takes in that a Pod's object is gone; `pod` is its last known state.
    package mutating func observeDeletion(of pod: Pod, at time: LogTime) -> [Change] {
        let membership = mapping.membership(of: pod)
        let state = PodState(pod, membership).deleted(at: time)
        return record(pod, state: state, membership: membership, deletedAt: time)
    }

    /// Takes in that Pods which were known are not in the cluster any more, as a list has shown.
    package mutating func observeAbsence(
        of uids: some Sequence<String>, at time: LogTime
    ) -> [Change] {
        uids.sorted().flatMap { uid -> [Change] in
            guard let jobUID = jobOfPod[uid], let state = jobs[jobUID]?.pods[uid] else { return [] }
            return settle(
                SeenPod(uid: uid), jobUID: jobUID, isNew: false,
                state: state.deleted(at: time), deletedAt: time)
        }
    }

    private mutating func record(
        _ pod: Pod, state: PodState, membership: JobMapping.Membership, deletedAt: LogTime?
    ) -> [Change] {
        let uid = pod.metadata.uid
        if let known = jobOfPod[uid] {
            return settle(
                SeenPod(pod), jobUID: known, isNew: false, state: state, deletedAt: deletedAt)
        }
        let (jobUID, isNew) = run(
            for: membership, uid: uid, name: pod.metadata.name,
            createdAt: pod.metadata.creationTimestamp)
        return settle(
            SeenPod(pod), jobUID: jobUID, isNew: isNew, state: state, deletedAt: deletedAt)
    }

    /// Puts a Pod's state into its job and says what has changed.
    private mutating func settle(
        _ pod: SeenPod, jobUID: String, isNew: Bool, state: PodState, deletedAt: LogTime?
    ) -> [Change] {
        guard jobs[jobUID] != nil else { return [] }
        let known = jobs[jobUID]?.pods[pod.uid]
        // A Pod's end is final: its object may change on its way out, its outcome does not.
        let state = known?.hasEnded == true ? known ?? state : state
        let wasPresent = jobs[jobUID]?.present.contains(pod.uid) == true
        // In place, for a copy of ten thousand Pods at each change of one would be felt.
        if known != state { jobs[jobUID]?.pods.put(state, pod.uid) }
        if deletedAt == nil {
            jobs[jobUID]?.present.insert(pod.uid)
        } else {
            jobs[jobUID]?.present.remove(pod.uid)
        }
        jobOfPod[pod.uid] = jobUID
        let isChanged = known != state || deletedAt != nil || !wasPresent
        let change =
            isChanged
            ? Change.pod(pod, jobUID: jobUID, state: state, deletedAt: deletedAt) : nil
        guard isNew || known != state else {
            // Nothing that the job is rolled up from.
            let end = jobs[jobUID].flatMap { job in job.pendingEnd.map { Change.end(job, $0) } }
            forgetIfGone(jobUID)
            return [change, end].compactMap { $0 }
        }
        return refresh(jobUID, isNew: isNew, pod: change)
    }
}
