import LogModel
import Store
import Synchronization

/// What is known of durable consumers only while the daemon runs: how far each was sent, and which
/// connection it has. Positions are in the store.
///
/// Any thread may call it; nothing blocks. Connections are ended outside the lock.
final class ConsumerBook: Sendable {
    private struct Entry {
        /// Tells a consumer from an earlier one of the same name.
        let createdAt: LogTime
        /// The last event that was sent since the daemon started.
        var sent: Int64
        var connection: ConsumerConnection?
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// Makes `connection` the one of its consumer; the one before is ended.
    func connect(_ connection: ConsumerConnection, _ row: ConsumerRow) {
        let before = entries.withLock { entries in
            var entry = Self.entry(of: row, in: entries)
            let before = entry.connection
            entry.connection = connection
            entries[row.name] = entry
            return before
        }
        before?.end(.takenOver, reason: "another connection of the consumer has taken over")
    }

    /// Notes that `connection` is over.
    func left(_ connection: ConsumerConnection, _ name: String) {
        entries.withLock { entries in
            if entries[name]?.connection === connection { entries[name]?.connection = nil }
        }
    }

    /// Notes that `sequence` was sent.
    func sent(_ sequence: Int64, _ row: ConsumerRow) {
        entries.withLock { entries in
            guard let entry = entries[row.name], entry.createdAt == row.createdAt else { return }
            entries[row.name]?.sent = max(entry.sent, sequence)
        }
    }

    /// The last event that the consumer was sent since the daemon started.
    func lastSent(_ row: ConsumerRow) -> Int64 {
        max(row.acknowledged, entries.withLock { Self.entry(of: row, in: $0).sent })
    }

    /// Whether the consumer has a connection.
    func isConnected(_ row: ConsumerRow) -> Bool {
        entries.withLock { Self.entry(of: row, in: $0).connection != nil }
    }

    /// Ends the consumer's connection, because the consumer has another filter now.
    func changed(_ row: ConsumerRow) {
        let connection = entries.withLock { Self.entry(of: row, in: $0).connection }
        connection?.end(.changed, reason: "the consumer's filter was changed: connect again")
    }

    /// Forgets a consumer that was deleted, and ends its connection.
    func deleted(_ row: ConsumerRow) {
        let connection: ConsumerConnection? = entries.withLock { entries in
            guard entries[row.name]?.createdAt == row.createdAt else { return nil }
            return entries.removeValue(forKey: row.name)?.connection
        }
        connection?.end(.notFound, reason: "the consumer was deleted")
    }

    private static func entry(of row: ConsumerRow, in entries: [String: Entry]) -> Entry {
        if let entry = entries[row.name], entry.createdAt == row.createdAt { return entry }
        return Entry(createdAt: row.createdAt, sent: row.acknowledged)
    }
}
