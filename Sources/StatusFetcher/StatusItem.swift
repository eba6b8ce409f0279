import Kubernetes

/// Something that waits in the ``StatusFetcher``'s inbox.
enum StatusItem {
    case event(PodEvent)
    case jobEvent(JobEvent)
    case withoutJobs(namespace: String?)
    case settled(JobBook.Doubt, pods: Set<String>)
    case order(EngineOrder)
    case question(Pod, CheckedContinuation<StatusFetcher.JobOfPod, any Error>)
    case streamEnded(podUID: String)

    /// The UIDs of the Jobs that it is about, and of a Pod that is asked for: it may be a job's first.
    var owners: [String] {
        switch self {
        case .event(.updated(let pod)), .event(.deleted(let pod)): Self.owners(of: pod)
        case .question(let pod, _): Self.owners(of: pod) + [pod.metadata.uid]
        case .event(.replaced(let pods, _)): pods.flatMap(Self.owners)
        case .jobEvent(.updated(let job)), .jobEvent(.deleted(let job)): [job.metadata.uid]
        case .jobEvent(.replaced(let jobs, _)): jobs.map(\.metadata.uid)
        case .withoutJobs, .settled, .order, .streamEnded: []
        }
    }

    private static func owners(of pod: Pod) -> [String] {
        pod.metadata.ownerReferences.map(\.uid)
    }
}
