import Logging
import Store
import WebServer

/// `/v1/consumers` and what is below it.
struct ConsumersEndpoint: Sendable {
    /// The consumers.
    let registry: ConsumerRegistry
    /// Told of what goes wrong behind a response's head.
    let logger: Logger

    /// All consumers.
    func list() async throws -> ServerResponse {
        JSONAnswer.ok(try await registry.list())
    }

    /// Shows, makes, changes or deletes a consumer.
    func consumer(_ name: String, _ request: ServerRequest) async throws -> ServerResponse {
        let name = try ConsumerName(name)
        switch request.method {
        case "PUT":
            let put = try await registry.put(name, try ConsumerBody(request.body))
            return JSONAnswer.ok(put.document, status: put.isNew ? 201 : 200)
        case "DELETE": return JSONAnswer.ok(try await registry.delete(name))
        default: return JSONAnswer.ok(try await registry.consumer(name))
        }
    }

    /// Follows from the last acknowledged event, which a `Last-Event-ID` does not change: having
    /// received an event is not having dealt with it.
    func events(_ name: String, _ request: ServerRequest) async throws -> ServerResponse {
        let form: EventBody.Form = EventStream.isAccepted(by: request) ? .serverSent : .lines
        return EventBody(
            try await registry.connect(try ConsumerName(name)), form, logger: logger
        ).response
    }

    /// Follows over WebSocket, where acknowledgements come back on the same connection.
    func upgrade(_ name: String) -> UpgradeDecision {
        .accept(subprotocol: nil, ConsumerSession(name, registry, logger: logger))
    }

    /// Takes `{"sequence":N}`.
    func acknowledge(_ name: String, _ request: ServerRequest) async throws -> ServerResponse {
        JSONAnswer.ok(
            try await registry.acknowledge(
                try ConsumerName(name),
                upTo: try ConsumerBody.number("sequence", in: request.body)))
    }
}
