import ByteBlocks

/// What a client that asks for a WebSocket is answered with, should it be accepted.
struct WebSocketOffer {
    /// The `Sec-WebSocket-Accept` of its key.
    let accept: String
    /// The subprotocols that it offers.
    let subprotocols: [String]
    /// Whether messages may be compressed.
    let deflates: Bool
}

/// A WebSocket's state beside its connection's.
final class WebSocketConnection {
    let session: any WebSocketSession
    /// Whether messages may be compressed.
    let deflates: Bool
    private var hasEnded = false
    var reader: WebSocketReader
    /// The session has nothing, and will wake the connection.
    var isWaiting = false
    /// The close frame is sent or about to be; nothing follows it.
    var isClosing = false
    /// The client's close frame came.
    var isCloseReceived = false
    /// The answer to the last ping, which alone needs one.
    var pong: [UInt8]?
    var lastReceived: UInt64
    var pingedAt: UInt64?

    init(
        _ session: any WebSocketSession, deflates: Bool, maxMessageBytes: Int, now: UInt64
    ) {
        self.session = session
        self.deflates = deflates
        reader = WebSocketReader(maxMessageBytes: maxMessageBytes, inflates: deflates)
        lastReceived = now
    }

    /// Tells the session that it is over, once.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        session.closed()
    }
}

/// WebSocket frames, both ways.
extension Connection {
    /// Accepts what the client offers, and hands the connection to a session.
    func open(
        _ session: any WebSocketSession, _ offer: WebSocketOffer, subprotocol chosen: String?
    ) {
        outgoing.append(
            contentsOf: ResponseEncoder.encodeUpgrade(
                accept: offer.accept, subprotocol: offer.subprotocols.first { $0 == chosen },
                extensions: offer.deflates ? DeflateOffer.answer : nil))
        let webSocket = WebSocketConnection(
            session, deflates: offer.deflates, maxMessageBytes: settings.maxMessageBytes,
            now: loop.now)
        phase = .webSocket(webSocket)
        deadline = .max
        session.opened(wake)
        requestWritable()
    }

    /// Takes one frame; false where it is not complete.
    func readFrame(_ webSocket: WebSocketConnection) -> Bool {
        if webSocket.isCloseReceived { input.removeAll() }
        if input.isEmpty { return false }
        webSocket.lastReceived = loop.now
        webSocket.pingedAt = nil
        do throws(WebSocketReader.Failure) {
            let (taken, event) = try webSocket.reader.read(input.unread)
            guard taken > 0 else { return false }
            input.removeFirst(taken)
            if let event { take(event, webSocket) }
            return true
        } catch {
            // What follows a breach cannot be read, so the client's close frame is not waited for.
            webSocket.isCloseReceived = true
            startClose(webSocket, code: error.code, reason: error.reason)
            return true
        }
    }

    private func take(_ event: WebSocketReader.Event, _ webSocket: WebSocketConnection) {
        switch event {
        case .message(let message):
            if !webSocket.isClosing { webSocket.session.received(message) }
        case .ping(let payload):
            webSocket.pong = payload
            requestWritable()
        case .pong: break
        case .close(let code):
            webSocket.isCloseReceived = true
            startClose(webSocket, code: code, reason: "")
        }
    }

    /// Sends a close frame, unless one was sent, and bounds the wait for the client's.
    func startClose(_ webSocket: WebSocketConnection, code: UInt16, reason: String) {
        if !webSocket.isClosing {
            webSocket.isClosing = true
            outgoing.append(contentsOf: WebSocketFrame.close(code: code, reason: reason))
            deadline = loop.now + settings.closeTimeout.milliseconds
        }
        requestWritable()
    }

    /// Ends a session whose client takes nothing: what it holds is freed, and if the client reads
    /// again within as long a time, it is told why.
    func endStalled(_ webSocket: WebSocketConnection) {
        webSocket.end()
        let (code, reason) = settings.stallClose
        startClose(webSocket, code: code, reason: reason)
        deadline = loop.now + settings.stallTimeout.milliseconds
    }

    /// Writes the next frame.
    func writeFrame(_ webSocket: WebSocketConnection, _ budget: inout TurnBudget) -> WriteStep {
        if webSocket.isClosing { return webSocket.isCloseReceived ? linger() : .idle }
        if let payload = webSocket.pong {
            webSocket.pong = nil
            outgoing.append(contentsOf: WebSocketFrame.control(.pong, payload))
            return .again
        }
        if webSocket.isWaiting { return .idle }
        switch webSocket.session.pull() {
        case .wait:
            webSocket.isWaiting = true
            return .idle
        case .text(let block): return write(.text, block, webSocket, &budget)
        case .binary(let block): return write(.binary, block, webSocket, &budget)
        case .close(let code, let reason):
            startClose(webSocket, code: code, reason: reason)
            return .again
        }
    }

    private func write(
        _ opcode: WebSocketFrame.Opcode, _ message: ByteBlock, _ webSocket: WebSocketConnection,
        _ budget: inout TurnBudget
    ) -> WriteStep {
        let deflated = webSocket.deflates ? loop.deflater.deflated(message) : nil
        let block = deflated ?? message
        let payload = unsafe block.framingPointer
        let header = unsafe WebSocketFrame.writeHeader(
            opcode, isDeflated: deflated != nil, length: block.count, before: payload)
        return unsafe write(
            UnsafeRawBufferPointer(start: payload - header, count: header + block.count), &budget)
    }

    /// Pings a silent client, and ends the session of one that does not answer.
    ///
    /// A client that reads nothing of a slow stream is known by this alone: what it is owed fits
    /// into the kernel's buffers. It may be there and read later, so it is told why.
    func keepAlive(_ webSocket: WebSocketConnection, _ now: UInt64) {
        if let pingedAt = webSocket.pingedAt {
            if isFlushing {
                // It has to take what is before the ping first, which is looked at apart.
                webSocket.pingedAt = now
            } else if now >= pingedAt + settings.pongTimeout.milliseconds {
                endStalled(webSocket)
            }
            return
        }
        // A ping behind bytes that the client does not take would never be sent.
        guard now >= webSocket.lastReceived + settings.pingInterval.milliseconds,
            !isFlushing
        else { return }
        webSocket.pingedAt = now
        outgoing.append(contentsOf: WebSocketFrame.control(.ping, []))
        requestWritable()
    }
}
