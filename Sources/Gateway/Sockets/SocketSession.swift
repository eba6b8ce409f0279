import ByteBlocks
import Logging
import Synchronization
import WebServer

/// A socket that carries many logs and the event feed: ``SocketMessage`` come in, the frames of
/// ``RecordWriter`` and ``SocketAnswer`` go out.
///
/// Subscriptions take turns, a frame each, so that one with much to say holds none of the others up.
/// Each is a position, so a socket that takes nothing holds a few frames, however many it has.
final class SocketSession: WebSocketSession {
    /// Subscriptions of one socket, 256: more tabs than a page shows. Beyond it: refused.
    static let subscriptionLimit = 256
    /// Answers that wait to be sent, 1,024, acknowledgements under way among them: a client that
    /// sends more does not read. Beyond it the socket closes with 4400.
    static let answerLimit = 1_024

    /// A subscription that begins, and how the client is told.
    struct Opened: Sendable {
        let subscription: Subscription
        let answer: SocketAnswer
    }

    /// What the session has done for it; both throw a ``StatusResponse`` to refuse.
    struct Service: Sendable {
        /// Finds, and waits for, what is to be read.
        let open: @Sendable (Int64, SocketTopic) async throws -> Opened
        /// Takes a consumer's acknowledgement: its name and the sequence number.
        let acknowledge: @Sendable (String, Int64) async throws -> AcknowledgementDocument
    }

    private struct State {
        var wake: SocketWake?
        var table = SubscriptionTable(limit: SocketSession.subscriptionLimit)
        var answers: [ByteBlock] = []
        var acknowledging = 0
        var end: (code: CloseCode, reason: String)?
        var isClosed = false
    }

    private let service: Service
    private let logger: Logger
    private let state = Mutex(State())

    /// A session that has its subscriptions opened by `service`.
    init(_ service: Service, logger: Logger) {
        self.service = service
        self.logger = logger
    }

    func opened(_ wake: SocketWake) {
        state.withLock { $0.wake = wake }
    }

    func received(_ message: WebSocketMessage) {
        do throws(StatusResponse) {
            guard case .text(let text) = message else {
                throw .badRequest("a binary message: JSON text is allowed")
            }
            switch try SocketMessage(text) {
            case .subscribe(let id, let topic): subscribe(id, topic)
            case .refused(let id, let refusal):
                let isUsed = state.withLock { $0.table.contains(id) }
                answer(
                    isUsed
                        ? .error(id: id, reason: refusal.message)
                        : .closed(id: id, CloseCode(refusal), reason: refusal.message))
            case .unsubscribe(let id): unsubscribe(id)
            case .acknowledge(let id, let sequence): acknowledge(id, sequence)
            }
        } catch {
            end(CloseCode(error), error.message)
        }
    }

    func pull() -> FramePull {
        // Each turn takes one that is ready off the list, so the loop ends with what there is.
        while true {
            let turn = state.withLock { state -> Turn in
                if !state.answers.isEmpty { return .answer(state.answers.removeFirst()) }
                if let end = state.end { return .end(end.code, end.reason) }
                return state.table.next().map { .ask($0) } ?? .rest
            }
            switch turn {
            case .answer(let block): return .text(block)
            case .end(let code, let reason):
                return .close(code: code.rawValue, reason: CloseCode.reason(reason))
            case .rest: return .wait
            case .ask(let entry):
                switch entry.subscription.next(wake: { [weak self] in self?.woken(entry.key) }) {
                case .block(let block):
                    state.withLock { _ = $0.table.markReady(entry.key) }
                    return .text(block)
                case .wait: continue
                case .closed(let code, let reason):
                    state.withLock { _ = $0.table.remove(entry.key) }
                    entry.subscription.close()
                    return .text(
                        SocketAnswer.closed(id: entry.key.id, code, reason: reason).block)
                }
            }
        }
    }

    func closed() {
        let removed = state.withLock { state in
            state.isClosed = true
            state.answers = []
            return state.table.removeAll()
        }
        for entry in removed { entry.cancel() }
    }

    private enum Turn {
        case answer(ByteBlock)
        case end(CloseCode, String)
        case ask(SubscriptionTable.Open)
        case rest
    }

    // MARK: Messages

    private func subscribe(_ id: Int64, _ topic: SocketTopic) {
        let added = state.withLock { state -> SubscriptionTable.Addition in
            state.isClosed || state.end != nil ? .closed : state.table.add(id)
        }
        switch added {
        case .closed: return
        case .used:
            answer(.error(id: id, reason: "id \(id) is in use: unsubscribe it first"))
        case .full:
            let limit = Self.subscriptionLimit
            answer(
                .closed(
                    id: id, .badRequest, reason: "a socket carries at most \(limit) subscriptions"))
        case .added(let key):
            // The bridge from the server's thread to the store; cancelled with the subscription.
            let task = Task { await open(key, topic) }
            let isKept = state.withLock { $0.table.keep(task, for: key) }
            if !isKept { task.cancel() }
        }
    }

    private func open(_ key: SubscriptionTable.Key, _ topic: SocketTopic) async {
        do {
            let opened = try await service.open(key.id, topic)
            let conflict = state.withLock { $0.table.open(opened.subscription, for: key) }
            switch conflict {
            case .none:
                answer(opened.answer)
                woken(key)
            case .gone: opened.subscription.close()
            case .sameStream(let other):
                opened.subscription.close()
                throw StatusResponse.badRequest(
                    "subscription \(other) reads this stream already; its frames could not be told "
                        + "apart")
            }
        } catch {
            let isKnown = state.withLock { $0.table.remove(key) }
            guard isKnown else { return }
            let refusal = refusal(of: error)
            answer(.closed(id: key.id, CloseCode(refusal), reason: refusal.message))
        }
    }

    private func unsubscribe(_ id: Int64) {
        guard let removed = state.withLock({ $0.table.remove(id: id) }) else {
            answer(.error(id: id, reason: "there is no subscription \(id)"))
            return
        }
        removed.cancel()
        answer(.closed(id: id, .end, reason: "unsubscribed"))
    }

    private func acknowledge(_ id: Int64, _ sequence: Int64) {
        let (consumer, isTaken) = state.withLock { state in
            let isTaken = state.answers.count + state.acknowledging < Self.answerLimit
            if isTaken { state.acknowledging += 1 }
            return (state.table.consumer(of: id), isTaken)
        }
        guard isTaken else { return endAsUnread() }
        Task {
            let result: SocketAnswer
            do {
                guard let consumer else {
                    throw StatusResponse.badRequest(
                        "subscription \(id) reads no durable consumer that could acknowledge")
                }
                let done = try await service.acknowledge(consumer, sequence)
                result = .acknowledged(
                    id: id, sequence: done.acknowledged, changed: done.changed)
            } catch {
                result = .error(id: id, reason: refusal(of: error).message)
            }
            state.withLock { $0.acknowledging -= 1 }
            answer(result)
        }
    }

    // MARK: Answers

    private func answer(_ answer: SocketAnswer) {
        let isTaken = state.withLock { state in
            guard !state.isClosed, state.end == nil else { return true }
            guard state.answers.count < Self.answerLimit else { return false }
            state.answers.append(answer.block)
            return true
        }
        if isTaken { wakeSocket() } else { endAsUnread() }
    }

    private func endAsUnread() {
        end(.badRequest, "too many messages without reading the answers")
    }

    private func end(_ code: CloseCode, _ reason: String) {
        state.withLock { state in
            if state.end == nil { state.end = (code, reason) }
        }
        wakeSocket()
    }

    private func woken(_ key: SubscriptionTable.Key) {
        if state.withLock({ $0.table.markReady(key) }) { wakeSocket() }
    }

    private func wakeSocket() {
        state.withLock { $0.wake }?.wake()
    }

    private func refusal(of error: any Error) -> StatusResponse {
        if let refusal = error as? StatusResponse { return refusal }
        if error is CancellationError { return .unavailable("the daemon goes down") }
        logger.error("a subscription could not be opened", metadata: ["error": "\(error)"])
        return .internalError
    }
}
