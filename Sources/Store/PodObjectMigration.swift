import GRDB

/// Gives the Pods of databases that kept no objects the main things of one. Those that still exist
/// get theirs with the first list; of the others nothing else is known.
enum PodObjectMigration {
    static func run(_ db: Database) throws {
        let snapshot = StoreTransaction(
            connection: StoreConnection(db: db), events: EventCollector())
        let packer = try TextPacker()
        // Only Pods of which a log is kept: the others are not shown any more.
        let uids = try String.fetchAll(
            db,
            sql: """
                SELECT uid FROM pod p WHERE EXISTS
                    (SELECT 1 FROM stream s WHERE s.podUID = p.uid AND s.deletedAt IS NULL)
                ORDER BY createdAt, uid
                """)
        for uid in uids {
            guard let pod = try snapshot.pod(uid: uid) else { continue }
            try snapshot.store(
                PodObjectRow(
                    uid: pod.uid, namespace: pod.namespace, name: pod.name,
                    createdAt: pod.createdAt, goneAt: pod.deletedAt, clusterVersion: "",
                    object: packer.pack(try MinimalPodObject(pod).encoded())))
        }
    }
}
