import Access
import Logging
import Store
import WebServer

/// `/v1/consumers` and what is below it.
struct ConsumersEndpoint: Sendable {
    /// The consumers.
    let registry: ConsumerRegistry
    /// Told of what goes wrong behind a response's head.
    let logger: Logger

    /// The consumers that the caller may see.
    func list(_ caller: Caller) async throws -> ServerResponse {
        JSONAnswer.ok(try await registry.list(for: caller))
    }

    /// Shows, makes, changes or deletes a consumer.
    func consumer(
        _ name: String, _ request: ServerRequest, _ caller: Caller
    ) async throws -> ServerResponse {
        let name = try ConsumerName(name)
        switch request.method {
        case "PUT":
            let wanted = try ConsumerBody.read(request.body, query: request.query)
            let put = try await registry.put(name, wanted, by: caller)
            return JSONAnswer.ok(put.document, status: put.isNew ? 201 : 200)
        case "DELETE": return JSONAnswer.ok(try await registry.delete(name, by: caller))
        default: return JSONAnswer.ok(try await registry.consumer(name, for: caller))
        }
    }

    /// Follows from the last acknowledged event, which a `Last-Event-ID` does not change: having
    /// received an event is not having dealt with it.
    func events(
        _ name: String, _ request: ServerRequest, _ admission: Admission
    ) async throws -> ServerResponse {
        let form: EventBody.Form = EventStream.isAccepted(by: request) ? .serverSent : .lines
        let name = try ConsumerName(name)
        let right = try await registry.right(name, for: admission.caller)
        let body = EventBody(
            try await registry.connect(name, by: admission.caller), form, logger: logger)
        return admission.with(right).watching(body.response)
    }

    /// Follows over WebSocket, where acknowledgements come back on the same connection.
    func upgrade(
        _ name: String, _ request: ServerRequest, _ admission: Admission
    ) async throws -> UpgradeDecision {
        let consumer = try ConsumerName(name)
        let right = try await registry.right(consumer, for: admission.caller)
        let session = ConsumerSession(consumer, registry, admission.caller, logger: logger)
        return admission.with(right).watching(
            .accept(
                subprotocol: LogSubprotocol.podwire.offered(in: request.subprotocols), session))
    }

    /// Takes `{"sequence":N}`.
    func acknowledge(
        _ name: String, _ request: ServerRequest, _ caller: Caller
    ) async throws -> ServerResponse {
        JSONAnswer.ok(
            try await registry.acknowledge(
                try ConsumerName(name),
                upTo: try ConsumerBody.number("sequence", in: request.body), by: caller))
    }
}
