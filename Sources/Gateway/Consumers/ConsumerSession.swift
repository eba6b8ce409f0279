import Access
import ByteBlocks
import Logging
import Synchronization
import WebServer

/// A durable consumer over WebSocket: events go out, one a text frame, and acknowledgements come in.
///
/// | direction | frame |
/// | --- | --- |
/// | client | `{"ack":N}`: all events up to N are dealt with |
/// | server | a CloudEvent |
/// | server | `{"acknowledged":N,"changed":…}`, behind the commit; one may answer several |
/// | server | a `Status` object: the acknowledgement is refused, and the connection goes on |
///
/// Those that come while one is being committed are taken as one, by the highest, and answered as
/// one: a client that acknowledges each of 10,000 events in a second waits for some commits, not for
/// as many. At most ``waitingLimit`` wait at a time, each of at most ``messageLimit`` bytes; beyond
/// either the connection is closed with 4400.
final class ConsumerSession: WebSocketSession {
    /// Acknowledgements and answers that wait at a time: a client that sends more does not read.
    static let waitingLimit = 1_024
    /// Bytes of one acknowledgement, 4 KiB: an ordinary one has some 20. With 1 MiB, which messages
    /// may have elsewhere, 1 GiB could wait.
    static let messageLimit = 4_096

    private struct State {
        var wake: SocketWake?
        var events: EventSession?
        var end: (code: CloseCode, reason: String)?
        var isClosed = false
        var waiting: [WebSocketMessage] = []
        var isAcknowledging = false
        var answers: ArraySlice<ByteBlock> = []
    }

    private let name: ConsumerName
    private let registry: ConsumerRegistry
    private let caller: Caller
    private let logger: Logger
    private let state = Mutex(State())

    /// A session of the consumer `name`, which `caller` reads.
    init(
        _ name: ConsumerName, _ registry: ConsumerRegistry, _ caller: Caller, logger: Logger
    ) {
        self.name = name
        self.registry = registry
        self.caller = caller
        self.logger = logger
    }

    /// Connects in a task: the bridge from the server's thread to the store, which ends with that.
    func opened(_ wake: SocketWake) {
        state.withLock { $0.wake = wake }
        Task {
            do {
                let connection = try await registry.connect(name, by: caller)
                let events = EventSession(connection, logger: logger)
                events.opened(wake)
                let isClosed = state.withLock { state in
                    if !state.isClosed { state.events = events }
                    return state.isClosed
                }
                if isClosed { events.closed() }
            } catch {
                let status = status(of: error)
                state.withLock { $0.end = (CloseCode(status), status.message) }
            }
            wake.wake()
        }
    }

    func received(_ message: WebSocketMessage) {
        let isFirst = state.withLock { state in
            if let reason = Self.excess(of: message, behind: state) {
                state.end = (.badRequest, reason)
                state.wake?.wake()
                return false
            }
            state.waiting.append(message)
            defer { state.isAcknowledging = true }
            return !state.isAcknowledging
        }
        if isFirst { acknowledge() }
    }

    func pull() -> FramePull {
        let (answer, end, events) = state.withLock { state in
            (state.answers.popFirst(), state.end, state.events)
        }
        if let answer { return .text(answer) }
        if let end {
            return .close(code: end.code.rawValue, reason: CloseCode.reason(end.reason))
        }
        return events?.pull() ?? .wait
    }

    func closed() {
        let events = state.withLock { state in
            state.isClosed = true
            state.waiting = []
            defer { state.events = nil }
            return state.events
        }
        events?.closed()
    }

    /// Why a message is too much; `nil` when it is not.
    private static func excess(of message: WebSocketMessage, behind state: State) -> String? {
        let bytes =
            switch message {
            case .text(let text): text.utf8.count
            case .binary(let bytes): bytes.count
            }
        if bytes > messageLimit { return "an acknowledgement has at most \(messageLimit) bytes" }
        guard state.waiting.count + state.answers.count < waitingLimit else {
            return "too many acknowledgements without reading the answers"
        }
        return nil
    }

    /// Takes what waits, in a task that ends when nothing does.
    private func acknowledge() {
        Task {
            while true {
                let messages = state.withLock { state in
                    defer { state.waiting = [] }
                    if state.waiting.isEmpty { state.isAcknowledging = false }
                    return state.waiting
                }
                if messages.isEmpty { return }
                let answers = await answers(to: messages)
                state.withLock { state in
                    state.answers.append(contentsOf: answers)
                    state.wake?.wake()
                }
            }
        }
    }

    /// One answer for all where the highest is accepted, else one for each.
    private func answers(to messages: [WebSocketMessage]) async -> [ByteBlock] {
        do {
            let highest = try messages.map(Self.sequence).max() ?? 0
            return [try await answer(toAcknowledgementOf: highest)]
        } catch {
            if messages.count == 1 { return [ByteBlock(status(of: error).headAndBody.body)] }
        }
        var answers: [ByteBlock] = []
        for message in messages { answers.append(await answer(to: message)) }
        return answers
    }

    private func answer(to message: WebSocketMessage) async -> ByteBlock {
        do {
            return try await answer(toAcknowledgementOf: Self.sequence(message))
        } catch {
            return ByteBlock(status(of: error).headAndBody.body)
        }
    }

    private func answer(toAcknowledgementOf sequence: Int64) async throws -> ByteBlock {
        let document = try await registry.acknowledge(name, upTo: sequence, by: caller)
        return ByteBlock(Array(JSONAnswer.encode(document).dropLast()))
    }

    private static func sequence(_ message: WebSocketMessage) throws(StatusResponse) -> Int64 {
        guard case .text(let text) = message else {
            throw .badRequest("a binary message: the text {\"ack\":N} is allowed")
        }
        return try ConsumerBody.number("ack", in: Array(text.utf8))
    }

    private func status(of error: any Error) -> StatusResponse {
        if let refusal = error as? StatusResponse { return refusal }
        logger.error(
            "a consumer could not be served",
            metadata: ["consumer": "\(name.text)", "error": "\(error)"])
        return .internalError
    }
}
