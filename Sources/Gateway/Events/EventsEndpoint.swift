import Logging
import Store
import WebServer

/// `GET /v1/events` as NDJSON, as server-sent events, and over WebSocket.
struct EventsEndpoint: Sendable {
    /// Where events are read.
    let store: Store
    /// Told of what goes wrong behind a response's head.
    let logger: Logger

    /// Answers over HTTP.
    func respond(_ request: ServerRequest) throws -> ServerResponse {
        let isStream = EventStream.isAccepted(by: request)
        let parameters = try EventParameters(
            QueryParameters(request.query), lastEventID: EventStream.lastEventID(of: request),
            alwaysFollow: isStream)
        return EventBody(
            try reader(parameters), isStream ? .serverSent : .lines, logger: logger
        ).response
    }

    /// Answers an upgrade.
    func upgrade(_ request: ServerRequest) throws -> UpgradeDecision {
        let parameters = try EventParameters(
            QueryParameters(request.query), lastEventID: EventStream.lastEventID(of: request),
            alwaysFollow: true)
        return .accept(
            subprotocol: nil, EventSession(try reader(parameters), logger: logger))
    }

    private func reader(_ parameters: EventParameters) throws -> EventReader {
        let last = store.events.last
        let after = try parameters.start(oldest: store.events.oldest, last: last)
        return EventReader(
            store, parameters.filter, after: after, last: parameters.follow ? nil : last)
    }
}
