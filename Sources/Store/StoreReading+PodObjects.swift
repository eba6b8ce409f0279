import GRDB

extension StoreReading {
    /// The object of the latest Pod of this name.
    package func podObject(namespace: String, name: String) throws -> PodObjectRow? {
        try PodObjectTable(db: connection.db).rows(
            """
            WHERE namespace = ? AND name = ? AND isDeleted = 0
            ORDER BY createdAt DESC, uid LIMIT 1
            """, [namespace, name]
        ).first
    }

    /// The objects of the latest Pods of each name, by namespace and name, behind `after`.
    package func podObjects(
        _ query: PodObjectQuery, after: PodKey? = nil, limit: Int
    ) throws -> PodObjectPage {
        var conditions = SQLConditions()
        conditions.add("namespace = ?", query.namespace)
        conditions.add("name = ?", query.name)
        conditions.add("job = ?", query.job)
        let start = after ?? PodKey(namespace: "", name: "")
        let condition = """
            \(conditions.text.isEmpty ? "WHERE true" : conditions.text)
            AND (namespace, name) > (?, ?) AND isDeleted = 0 AND \(PodObjectTable.isShown)
            ORDER BY namespace, name LIMIT ?
            """
        let arguments = conditions.values + [start.namespace, start.name]
        let table = PodObjectTable(db: connection.db)
        var rows: [PodObjectRow]
        if let labels = query.labels {
            rows = try table.rows(
                condition, arguments + [Int.max], labels: labels, limit: limit + 1)
        } else {
            rows = try table.rows(condition, arguments + [limit + 1])
        }
        let hasMore = rows.count > limit
        if hasMore { rows.removeLast() }
        return PodObjectPage(rows: rows, version: try podObjectVersion(), hasMore: hasMore)
    }

    /// What has changed behind `version`, in order: of each Pod its latest state alone, and for one
    /// that is not kept any more that it is deleted.
    ///
    /// - Returns: `nil` when deletions from then on are forgotten.
    package func podObjectChanges(
        behind version: Int64, namespace: String?, limit: Int
    ) throws -> PodObjectPage? {
        let forgotten = try Int64.fetchOne(
            connection.db.cachedStatement(
                sql: """
                    SELECT version FROM podObject WHERE isDeleted = 1
                    ORDER BY version DESC LIMIT 1 OFFSET ?
                    """), arguments: [StoreTransaction.rememberedDeletions - 1])
        if let forgotten, version < forgotten - 1 { return nil }
        var conditions = SQLConditions()
        conditions.add("version > ?", version)
        conditions.add("namespace = ?", namespace)
        let rows = try PodObjectTable(db: connection.db).rows(
            "\(conditions.text) AND \(PodObjectTable.isShown) ORDER BY version LIMIT ?",
            conditions.values(limit))
        let hasMore = rows.count == limit
        let end = hasMore ? rows.last?.version : nil
        return PodObjectPage(
            rows: rows, version: try end ?? podObjectVersion(), hasMore: hasMore)
    }

    /// The namespaces of the Pods that are shown, in order.
    package func podNamespaces() throws -> [String] {
        // One look-up a namespace, however many Pods it has.
        let statement = try connection.db.cachedStatement(
            sql: """
                WITH RECURSIVE name (value) AS (
                    SELECT min(namespace) FROM podObject WHERE isDeleted = 0
                    UNION ALL
                    SELECT (SELECT min(namespace) FROM podObject
                            WHERE namespace > name.value AND isDeleted = 0)
                    FROM name WHERE name.value IS NOT NULL)
                SELECT value FROM name WHERE value IS NOT NULL
                """)
        return try String.fetchAll(statement)
    }

    /// The version of the last change.
    package func podObjectVersion() throws -> Int64 {
        let statement = try connection.db.cachedStatement(
            sql: "SELECT seq FROM sqlite_sequence WHERE name = 'podObject'")
        return try Int64.fetchOne(statement) ?? 0
    }

    /// What is stored of the objects of Pods that are not gone.
    package func storedVersions() throws -> [StoredVersion] {
        let rows = try Row.fetchAll(
            connection.db,
            sql: "SELECT uid, namespace, clusterVersion FROM podObject WHERE goneAt IS NULL")
        return rows.map { StoredVersion(podUID: $0[0], namespace: $0[1], version: $0[2]) }
    }
}
