import FoundationEssentials
import GRDB
package import LogModel

extension ConsumerRow {
    /// Describes a consumer of what passes `filter`.
    package init(
        name: String, filter: EventFilter, acknowledged: Int64, createdAt: LogTime
    ) throws {
        self.init(
            name: name, filter: try JSONText.encode(filter), acknowledged: acknowledged,
            createdAt: createdAt)
    }

    /// Which events it wants.
    package func eventFilter() throws -> EventFilter {
        try JSONDecoder().decode(EventFilter.self, from: Data(filter))
    }
}

extension StoreTransaction {
    /// Moves a consumer's position forward, never back.
    ///
    /// - Parameters:
    ///   - name: the consumer.
    ///   - createdAt: of which consumer of that name.
    ///   - sequence: the last event that was dealt with.
    /// - Returns: its position now, and whether it was moved; `nil` when it is not there any more.
    /// - Throws: what the database says.
    package func acknowledge(
        consumer name: String, createdAt: LogTime, upTo sequence: Int64
    ) throws -> (acknowledged: Int64, isMoved: Bool)? {
        guard let row = try consumer(name), row.createdAt == createdAt else { return nil }
        guard sequence > row.acknowledged else { return (row.acknowledged, false) }
        try move(name, to: sequence)
        return (sequence, true)
    }

    /// Moves every consumer that wants none of the events before `sequence`, which are about to be
    /// deleted, to behind them. One that wants one of them stays, and so expires.
    func advanceConsumers(before sequence: Int64) throws {
        let (oldest, last) = try eventBounds()
        let target = min(sequence - 1, last)
        for row in try consumers() {
            // One that expired earlier has missed something, and must be told.
            guard row.acknowledged >= oldest - 1, row.acknowledged < target else { continue }
            let wanted = try events(
                after: row.acknowledged, upTo: target, limit: 1, filter: row.eventFilter())
            if wanted.isEmpty { try move(row.name, to: target) }
        }
    }

    private func move(_ name: String, to sequence: Int64) throws {
        try connection.db.cachedStatement(
            sql: "UPDATE consumer SET acknowledged = ? WHERE name = ?"
        ).execute(arguments: [sequence, name])
    }
}
