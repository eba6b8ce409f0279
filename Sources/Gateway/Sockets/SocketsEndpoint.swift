import Access
import LogModel
import Logging
import Store
import WebServer

/// `/v1/ws`: many logs and the event feed on one WebSocket, see ``SocketMessage``.
struct SocketsEndpoint: Sendable {
    /// Where logs are read.
    let logs: LogEndpoint
    /// Where events are read.
    let events: EventsEndpoint
    /// The durable consumers.
    let consumers: ConsumerRegistry
    /// Told of what fails.
    let logger: Logger

    /// Answers an upgrade.
    ///
    /// - Throws: 400 for a client that does not offer the subprotocol.
    func upgrade(
        _ request: ServerRequest, _ admission: Admission
    ) throws(StatusResponse) -> UpgradeDecision {
        let subprotocol = LogSubprotocol.podwire.rawValue
        guard request.subprotocols.contains(subprotocol) else {
            throw .badRequest("Sec-WebSocket-Protocol: \(subprotocol) is served here")
        }
        let service = SocketSession.Service(
            open: { id, topic in try await open(id, topic, admission) },
            acknowledge: { consumer, sequence in
                try await consumers.acknowledge(
                    try ConsumerName(consumer), upTo: sequence, by: admission.caller)
            })
        return .accept(subprotocol: subprotocol, SocketSession(service, logger: logger))
    }

    /// Opens a subscription, which ends when the caller may not read on.
    private func open(
        _ id: Int64, _ topic: SocketTopic, _ admission: Admission
    ) async throws -> SocketSession.Opened {
        switch topic {
        case .log(let target, let parameters):
            let admission = try await admission.requiring(
                Right(.readLogs, in: target.namespace), pod: target.pod)
            let (opening, output) = try await logs.records(of: target, parameters)
            do {
                try await admission.renew()
            } catch {
                output.close()
                throw error
            }
            let stream = opening.stream.id.description
            return SocketSession.Opened(
                subscription: Subscription(
                    .log(output), for: admission, stream: stream, logger: logger),
                answer: .opened(
                    id: id, stream: stream, from: opening.first,
                    state: opening.stream.state.rawValue, after: nil))
        case .events(let parameters):
            var admission = admission
            if let namespace = parameters.filter.namespace {
                admission = try await admission.requiring(Right(.readPods, in: namespace))
            }
            let (source, after) = try events.open(parameters, admission.caller)
            return SocketSession.Opened(
                subscription: Subscription(.events(source), for: admission, logger: logger),
                answer: .opened(id: id, stream: nil, from: nil, state: nil, after: after))
        case .consumer(let text):
            let name = try ConsumerName(text)
            let right = try await consumers.right(name, for: admission.caller)
            let connection = try await consumers.connect(name, by: admission.caller)
            return SocketSession.Opened(
                subscription: Subscription(
                    .events(connection), for: admission.with(right), consumer: text,
                    logger: logger),
                answer: .opened(id: id, stream: nil, from: nil, state: nil, after: nil))
        }
    }
}
