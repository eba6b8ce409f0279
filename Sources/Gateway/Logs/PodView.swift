import LogModel
import Store

/// All that the store knows about the Pods of one name, and the logs of one of them, read in one
/// snapshot.
struct PodView: Sendable {
    /// The Pods of that name, newest first, with their containers.
    var pods: [PodRow] = []
    /// The logs of the one that is meant.
    var streams: [StreamInfo] = []

    /// Nothing known.
    init() {}

    /// Reads what is known of `target`'s Pod name, and all logs of the Pod `uid`, or else of the
    /// newest: those of all Pods that ever had the name may be many.
    init(of target: LogTarget, uid: String?, in snapshot: StoreSnapshot) throws {
        pods = try snapshot.pods(namespace: target.namespace, name: target.pod)
        var query = StreamQuery(
            namespace: target.namespace, pod: target.pod, podUID: uid ?? pods.first?.uid)
        query.limit = .max
        streams = try snapshot.streams(query)
    }
}
