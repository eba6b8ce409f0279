import LogModel
import Store

/// A durable consumer as `/v1/consumers` shows it; filters that are not set are absent.
struct ConsumerDocument: Encodable, Sendable {
    /// Whether a consumer reads, and can.
    enum State: String, Encodable, Sendable {
        /// A client is connected.
        case connected
        /// No client is connected.
        case idle
        /// Events that it wants and has not acknowledged are no longer kept: it gets 410.
        case expired
    }

    let name: String
    let types: [String]?
    let namespace: String?
    let workflow: String?
    let job: String?
    /// The sequence number of the last event that it acknowledged.
    let acknowledged: Int64
    /// Sequence numbers from its position to the end of the feed: at least as many as the events
    /// that it wants there, which only a scan of the feed could count.
    let lag: Int64
    let state: State
    let createdAt: String

    /// Describes `row` beside a feed that keeps `oldest` to `last`.
    init(_ row: ConsumerRow, isConnected: Bool, oldest: Int64, last: Int64) throws {
        let filter = try row.eventFilter()
        name = row.name
        types = filter.types.map { $0.map(\.rawValue).sorted() }
        namespace = filter.namespace
        workflow = filter.workflow
        job = filter.job
        acknowledged = row.acknowledged
        lag = max(0, last - row.acknowledged)
        state = row.acknowledged < oldest - 1 ? .expired : isConnected ? .connected : .idle
        createdAt = row.createdAt.description
    }
}

/// All consumers, by name. There are few, by a bound, so that there are no pages.
struct ConsumerList: Encodable, Sendable {
    let items: [ConsumerDocument]
}

/// The answer to an acknowledgement, over HTTP and over WebSocket.
struct AcknowledgementDocument: Encodable, Sendable {
    /// The consumer's position now.
    let acknowledged: Int64
    /// Whether this acknowledgement moved it.
    let changed: Bool
    /// Why not.
    let message: String?

    /// Describes a position.
    init(acknowledged: Int64, changed: Bool) {
        self.acknowledged = acknowledged
        self.changed = changed
        message =
            changed ? nil : "everything up to \(acknowledged) was acknowledged before: no change"
    }
}
