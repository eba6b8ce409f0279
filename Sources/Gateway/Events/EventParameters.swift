import LogModel
import Store
import WebServer

/// What a reader of the event feed asks for.
///
/// | parameter | values | meaning |
/// | --- | --- | --- |
/// | `after` | a sequence number | events behind it; 0: from the oldest kept |
/// | `types` | names, between commas | only these types |
/// | `namespace` `workflow` `job` | a name | only events of these |
/// | `follow` | flag | NDJSON goes on; SSE and WebSocket always do |
///
/// Without `after`, a follower starts now, and others at the oldest event that is kept. The header
/// `Last-Event-ID` goes before `after`.
struct EventParameters: Equatable, Sendable {
    /// Which events are wanted.
    let filter: EventFilter
    /// Whether to go on with events to come.
    let follow: Bool
    /// The sequence number behind which to start; `nil` when the client has no position.
    let after: Int64?

    /// Reads a query.
    init(
        _ query: QueryParameters, lastEventID: Int64?, alwaysFollow: Bool
    ) throws(StatusResponse) {
        var types: Set<EventType> = []
        for name in query.list("types") {
            guard let type = EventType(rawValue: name) else {
                throw QueryParameters.unknown("types", name, of: EventType.self)
            }
            types.insert(type)
        }
        filter = EventFilter(
            types: types.isEmpty ? nil : types, namespace: query.filter("namespace"),
            workflow: query.filter("workflow"), job: query.filter("job"))
        follow = alwaysFollow || query.flag("follow") ?? false
        let after = try query.integer("after", in: 0...Int64.max)
        self.after = lastEventID ?? after
    }

    /// A reader that follows, from a position or from now.
    init(following filter: EventFilter, after: Int64?) {
        self.filter = filter
        self.after = after
        follow = true
    }

    /// The sequence number behind which to start in a feed that keeps `oldest` to `last`.
    ///
    /// - Throws: 410 when events behind the client's position are no longer kept, 400 when the
    ///   position lies beyond the end: then it comes from another database.
    func start(oldest: Int64, last: Int64) throws(StatusResponse) -> Int64 {
        guard let after else { return follow ? last : oldest - 1 }
        if after == 0 { return oldest - 1 }
        guard after >= oldest - 1 else {
            throw .expired(after: after, oldest: oldest)
        }
        guard after <= last else {
            throw .badRequest(
                "after: \(after) is beyond the last event, \(last): the position comes from "
                    + "another database; after=0 starts with the oldest event")
        }
        return after
    }
}

extension StatusResponse {
    /// 410: events behind the position are no longer kept; the oldest that is kept is named.
    static func expired(after: Int64, oldest: Int64) -> StatusResponse {
        StatusResponse(
            code: 410, reason: "Expired",
            message: "events after \(after) are no longer all kept: the oldest is \(oldest); "
                + "after=\(oldest - 1) starts with it",
            details: Details(causes: [
                Cause(reason: "OldestSequence", message: String(oldest), field: "after")
            ]))
    }
}
