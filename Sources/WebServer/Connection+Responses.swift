import ByteBlocks
import Logging

/// Sending responses.
extension Connection {
    /// A body up to this size goes out with its head in one write.
    private static let smallBodyBytes = 16 << 10

    /// Takes the handler's answer.
    func answer(_ content: ServerMailbox.Answer.Content) -> Verdict {
        switch (phase, content) {
        case (.responding, .response(let response)):
            responder = nil
            begin(response)
            return .open
        case (.upgrading, .decision(.refuse(let head, let body))):
            responder = nil
            begin(.full(head, body: body))
            return .open
        case (.upgrading(let offer), .decision(.accept(let subprotocol, let session))):
            responder = nil
            open(session, offer, subprotocol: subprotocol)
            return process()
        case (.http2(let http2), .streamResponse(let stream, let response)):
            http2.answer(stream, response)
            return .open
        default:
            content.discard()
            return .open
        }
    }

    /// Begins to send a response.
    func begin(_ response: ServerResponse) {
        releaseBody()
        let body = begin(content: response)
        phase = .sending(body)
        deadline = .max
        body.source?.opened(wake)
        requestWritable()
    }

    private func begin(content response: ServerResponse) -> OutgoingBody {
        switch response {
        case .full(let head, let body): return begin(head, whole: body)
        case .stream(let head, let source):
            keepsAlive = keepsAlive && (isHTTP11 || isHEAD)
            return begin(
                head, isHTTP11 ? .chunked : .untilClose, source,
                isHTTP11 ? .chunked(source) : .untilClose(source))
        case .sized(let head, let length, let source):
            precondition(length >= 0, "a body's length is not negative")
            return begin(head, .length(length), source, .sized(source, left: length))
        }
    }

    private func begin(_ head: ResponseHead, whole body: [UInt8]) -> OutgoingBody {
        let isBodiless = ResponseEncoder.isBodiless(head.status)
        let isLeftOut = isHEAD || isBodiless
        let lease: AnswerLease?
        do throws(RequestFailure) {
            lease = isLeftOut ? nil : try loop.answers.lease(body.count, of: address)
        } catch {
            return begin(content: response(to: error))
        }
        send(head, isBodiless ? .none : .length(body.count))
        if isLeftOut { return OutgoingBody(.whole([])) }
        guard body.count > Self.smallBodyBytes else {
            outgoing.append(contentsOf: body)
            return OutgoingBody(.whole([]))
        }
        return OutgoingBody(.whole(body, lease))
    }

    private func begin(
        _ head: ResponseHead, _ framing: ResponseEncoder.Framing, _ source: any BodySource,
        _ content: OutgoingBody.Content
    ) -> OutgoingBody {
        let isBodiless = ResponseEncoder.isBodiless(head.status)
        send(head, isBodiless ? .none : framing)
        guard isHEAD || isBodiless else { return OutgoingBody(content) }
        source.closed()
        return OutgoingBody(.whole([]))
    }

    private func send(_ head: ResponseHead, _ framing: ResponseEncoder.Framing) {
        outgoing.append(
            contentsOf: ResponseEncoder.encode(
                head, framing: framing, keepsAlive: keepsAlive, isHTTP11: isHTTP11,
                date: loop.date()))
    }

    /// Writes the next part of the body.
    func writeBody(_ body: OutgoingBody, _ budget: inout TurnBudget) -> WriteStep {
        if case .whole(let bytes, _) = body.content {
            guard body.sent < bytes.count else { return finishResponse(body) }
            return unsafe bytes.withUnsafeBytes { bytes in
                let end = min(bytes.count, body.sent + OutgoingBody.sliceBytes)
                let slice = unsafe UnsafeRawBufferPointer(rebasing: bytes[body.sent..<end])
                body.sent = end
                return unsafe write(slice, &budget)
            }
        }
        if body.isWaiting { return .idle }
        guard let source = body.source else { return .close }
        switch source.pull() {
        case .wait:
            body.isWaiting = true
            return .idle
        case .abort: return cut(body)
        case .end: return end(body)
        case .bytes(let block):
            if block.count > 0 { return write(block, body, &budget) }
            budget.spend(bytes: 0)
            return .again
        }
    }

    private func write(
        _ block: ByteBlock, _ body: OutgoingBody, _ budget: inout TurnBudget
    ) -> WriteStep {
        switch body.content {
        case .chunked: return unsafe write(ChunkFraming.frame(block), &budget)
        case .sized(_, let left) where block.count > left:
            loop.logger.error(
                "A response body is longer than its announced length",
                metadata: ["excess": "\(block.count - left)"])
            return cut(body)
        case .sized(let source, let left):
            body.content = .sized(source, left: left - block.count)
            return unsafe write(block.bytes, &budget)
        case .untilClose, .whole: return unsafe write(block.bytes, &budget)
        }
    }

    private func end(_ body: OutgoingBody) -> WriteStep {
        switch body.content {
        case .chunked: outgoing.append(contentsOf: ChunkFraming.end)
        case .sized(_, let left) where left > 0:
            loop.logger.error(
                "A response body is shorter than its announced length",
                metadata: ["missing": "\(left)"])
            return cut(body)
        case .sized, .untilClose, .whole: break
        }
        body.close()
        body.content = .whole([])
        return .again
    }

    /// Closes so that the client sees that the body is not complete.
    private func cut(_ body: OutgoingBody) -> WriteStep {
        if !body.isCutVisible { socket.resetOnClose() }
        return .close
    }

    private func finishResponse(_ body: OutgoingBody) -> WriteStep {
        body.close()
        guard keepsAlive, !loop.isStopping else { return linger() }
        phase = .head
        hasReceived = false
        isHEAD = false  // What is wrong with the next request's head is answered with a body.
        scannedBytes = 0
        deadline = loop.now + settings.idleTimeout.milliseconds
        updateReading()
        return process() == .close ? .close : .again
    }
}
