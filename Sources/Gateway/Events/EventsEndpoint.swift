import Access
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
    func respond(_ request: ServerRequest, _ caller: Caller) throws -> ServerResponse {
        let isStream = EventStream.isAccepted(by: request)
        let parameters = try EventParameters(
            QueryParameters(request.query), lastEventID: EventStream.lastEventID(of: request),
            alwaysFollow: isStream)
        return EventBody(
            try open(parameters, caller).source, isStream ? .serverSent : .lines, logger: logger
        ).response
    }

    /// Answers an upgrade.
    func upgrade(_ request: ServerRequest, _ caller: Caller) throws -> UpgradeDecision {
        let parameters = try EventParameters(
            QueryParameters(request.query), lastEventID: EventStream.lastEventID(of: request),
            alwaysFollow: true)
        return .accept(
            subprotocol: LogSubprotocol.podwire.offered(in: request.subprotocols),
            EventSession(try open(parameters, caller).source, logger: logger))
    }

    /// What is asked for of the feed, without a namespace what the caller may see of it; and behind
    /// which event it starts. A namespace that is asked for the caller must be allowed to see.
    func open(
        _ parameters: EventParameters, _ caller: Caller
    ) throws(StatusResponse) -> (source: any EventSource, after: Int64) {
        let last = store.events.last
        let after = try parameters.start(oldest: store.events.oldest, last: last)
        let reader = EventReader(
            store, parameters.filter, after: after, last: parameters.follow ? nil : last)
        let isOpen = caller.authentication == .none || parameters.filter.namespace != nil
        return (isOpen ? reader : VisibleEvents(reader, for: caller), after)
    }
}
