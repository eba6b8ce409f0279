import LogModel
import Store

/// All that the store knows about the Pods of one name, read in one snapshot.
struct PodView: Sendable {
    /// The Pods of that name, newest first, with their containers.
    var pods: [PodRow] = []
    /// Their logs.
    var streams: [StreamInfo] = []

    /// Nothing known.
    init() {}

    /// Reads what is known of `target`'s Pod name.
    init(of target: LogTarget, in snapshot: StoreSnapshot) throws {
        pods = try snapshot.pods(namespace: target.namespace, name: target.pod)
        streams = try snapshot.streams(
            StreamQuery(namespace: target.namespace, pod: target.pod))
    }
}
