import GRDB

extension StoreReading {
    /// The sequence number of the last event that the target of a webhook has taken, or did not
    /// want; `nil` for a webhook that was never stored.
    package func webhookPosition(_ name: String) throws -> Int64? {
        let statement = try connection.db.cachedStatement(
            sql: "SELECT acknowledged FROM webhook WHERE name = ?")
        return try Int64.fetchOne(statement, arguments: [name])
    }
}

extension StoreTransaction {
    /// Stores the position of a webhook, new or known by its name.
    package func setWebhookPosition(_ name: String, _ acknowledged: Int64) throws {
        try connection.db.cachedStatement(
            sql: """
                INSERT INTO webhook (name, acknowledged) VALUES (?, ?)
                ON CONFLICT (name) DO UPDATE SET acknowledged = excluded.acknowledged
                """
        ).execute(arguments: [name, acknowledged])
    }
}
