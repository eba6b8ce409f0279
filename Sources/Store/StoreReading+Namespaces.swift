import GRDB

extension StoreReading {
    /// The namespaces of all Pods, jobs and workflows that the store knows, sorted.
    ///
    /// One look into an index for each, however many rows there are.
    package func namespaces() throws -> [String] {
        var found: Set<String> = []
        for table in ["pod", "job", "workflow"] {
            let statement = try connection.db.cachedStatement(
                sql: """
                    WITH RECURSIVE known (namespace) AS (
                        SELECT min(namespace) FROM \(table)
                        UNION ALL
                        SELECT (SELECT min(namespace) FROM \(table)
                            WHERE namespace > known.namespace)
                        FROM known WHERE known.namespace IS NOT NULL
                    )
                    SELECT namespace FROM known WHERE namespace IS NOT NULL
                    """)
            found.formUnion(try String.fetchAll(statement))
        }
        return found.sorted()
    }
}
