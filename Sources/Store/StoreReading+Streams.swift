import Foundation
import GRDB
import LogModel

extension StoreReading {
    /// Streams: the newest Pod first, within a Pod by container, the newest attempt first.
    package func streams(_ query: StreamQuery) throws -> [StreamInfo] {
        var conditions = SQLConditions()
        conditions.add("s.namespace = ?", query.namespace)
        conditions.add("s.pod = ?", query.pod)
        conditions.add("s.podUID = ?", query.podUID)
        conditions.add("s.container = ?", query.container)
        conditions.add("s.attempt = ?", query.attempt)
        conditions.add("s.job = ?", query.job)
        conditions.add("s.state = ?", query.state?.rawValue)
        return try streams(conditions.text, conditions.values(query.limit))
    }

    /// The streams of a job.
    package func streams(ofJob job: Int64) throws -> [StreamInfo] {
        try streams("WHERE s.job = ?", [job, Int.max])
    }

    /// Whether a stream of a job is live. Much quicker than to look at each of them.
    package func hasLiveStream(ofJob job: Int64) throws -> Bool {
        let statement = try connection.db.cachedStatement(
            sql: "SELECT EXISTS (SELECT 1 FROM stream WHERE job = ? AND state = 'live')")
        return try Bool.fetchOne(statement, arguments: [job]) ?? false
    }

    /// The stream in this row.
    package func stream(row: Int64) throws -> StreamInfo? {
        try streams("WHERE s.id = ?", [row, 1]).first
    }

    /// The gap records of a stream, in order.
    package func gaps(ofStream row: Int64) throws -> [NumberedGap] {
        let statement = try connection.db.cachedStatement(
            sql: """
                SELECT line, certainty, "from", "to", reason FROM gap WHERE stream = ?
                ORDER BY line
                """)
        return try Row.fetchAll(statement, arguments: [row]).map { row in
            NumberedGap(
                line: row[0],
                gap: GapRecord(
                    certainty: GapRecord.Certainty(rawValue: row[1]) ?? .possible,
                    from: row.time(2), to: LogTime(nanoseconds: row[3]), reason: row[4]))
        }
    }

    /// The Pods of this name, newest first.
    package func pods(namespace: String, name: String) throws -> [PodRow] {
        try pods(
            "WHERE namespace = ? AND name = ? ORDER BY createdAt DESC, uid", [namespace, name])
    }

    /// The Pod with this UID.
    package func pod(uid: String) throws -> PodRow? {
        try pods("WHERE uid = ?", [uid]).first
    }

    /// The Pods of a job, oldest first.
    package func pods(ofJob job: Int64) throws -> [PodRow] {
        try pods("WHERE job = ? ORDER BY createdAt, uid", [job])
    }

    /// Pods of a namespace, or of all, by namespace and name, behind `after`.
    package func pods(
        namespace: String?, after: (namespace: String, name: String, uid: String)? = nil,
        limit: Int = 500
    ) throws -> [PodRow] {
        let order = "ORDER BY namespace, name, uid LIMIT ?"
        let first = after ?? ("", "", "")
        if let namespace {
            return try pods(
                "WHERE namespace = ? AND (name, uid) > (?, ?) \(order)",
                [namespace, first.name, first.uid, limit])
        }
        return try pods(
            "WHERE (namespace, name, uid) > (?, ?, ?) \(order)",
            [first.namespace, first.name, first.uid, limit])
    }

    private func pods(_ condition: String, _ arguments: StatementArguments) throws -> [PodRow] {
        let db = connection.db
        let statement = try db.cachedStatement(
            sql: """
                SELECT uid, namespace, name, job, node, phase, createdAt, deletedAt,
                    defaultContainer, state
                FROM pod \(condition)
                """)
        let containers = try db.cachedStatement(
            sql: "SELECT name, kind FROM container WHERE podUID = ? ORDER BY position, name")
        return try Row.fetchAll(statement, arguments: arguments).map { row in
            let uid: String = row[0]
            return PodRow(
                uid: uid, namespace: row[1], name: row[2], job: row[3], node: row[4],
                phase: row[5], createdAt: LogTime(nanoseconds: row[6]), deletedAt: row.time(7),
                defaultContainer: row[8],
                containers: try Row.fetchAll(containers, arguments: [uid]).map {
                    ContainerRow(
                        name: $0[0], kind: ContainerKind(rawValue: $0[1]) ?? .main)
                }, state: (row[9] as Data?).map { Array($0) })
        }
    }

    private func streams(
        _ condition: String, _ arguments: StatementArguments
    ) throws -> [StreamInfo] {
        let db = connection.db
        let statement = try db.cachedStatement(
            sql: """
                SELECT s.id, s.podUID, s.container, s.attempt, s.namespace, s.pod, s.kind, s.job,
                    s.state, s.openedAt, s.startedAt, s.endedAt, s.exitCode, s.reason,
                    s.deletedAt, (SELECT count(*) FROM gap WHERE stream = s.id)
                FROM stream s LEFT JOIN pod p ON p.uid = s.podUID \(condition)
                ORDER BY coalesce(p.createdAt, s.openedAt) DESC, s.podUID, s.container,
                    s.attempt DESC LIMIT ?
                """)
        let table = ChunkTable(db: db)
        return try Row.fetchAll(statement, arguments: arguments).map { row in
            let id: Int64 = row[0]
            let last = try table.last(stream: id)
            let lastText = last?.kind == .gap ? try table.lastText(stream: id) : last
            return StreamInfo(
                row: id, id: StreamID(podUID: row[1], container: row[2], attempt: row[3]),
                namespace: row[4], pod: row[5],
                kind: ContainerKind(rawValue: row[6]) ?? .main, job: row[7],
                state: StreamState(rawValue: row[8]) ?? .live, lines: last?.nextLine ?? 0,
                bytes: last.map { $0.firstByte + Int64($0.bytes) } ?? 0,
                lastTime: lastText.map { LogTime(nanoseconds: $0.lastTime) },
                maxTime: last.map { LogTime(nanoseconds: $0.maxTime) },
                openedAt: LogTime(nanoseconds: row[9]), startedAt: row.time(10),
                endedAt: row.time(11), exitCode: row[12], reason: row[13], gaps: row[15],
                deletedAt: row.time(14))
        }
    }
}
