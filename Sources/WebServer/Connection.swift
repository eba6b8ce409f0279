import ByteBlocks

/// One client's connection, from accept to close: requests in turn, then perhaps a WebSocket.
///
/// Owned by the server thread. It decides what is read and written; ``ServerLoop`` brings it
/// libwebsockets' callbacks, and whatever they return closes or keeps the socket.
final class Connection {
    enum Phase {
        /// Reading a request's head. Can transition to body, responding, upgrading, sending, http2.
        case head
        /// Reading a request's body. Can transition to responding and sending.
        case body(RequestHead, RequestBodyReader)
        /// A handler has the request. Can transition to sending.
        case responding
        /// A handler decides on a WebSocket. Can transition to webSocket and sending.
        case upgrading(WebSocketOffer)
        /// A response goes out. Can transition to head and lingering.
        case sending(OutgoingBody)
        /// Can transition to lingering.
        case webSocket(WebSocketConnection)
        /// Requests and responses side by side. Can transition to lingering.
        case http2(HTTP2Connection)
        /// What waits to be sent is the last. Can transition to lingering.
        case parting
        /// All is sent, the client was told, and what it still sends is thrown away until it closes:
        /// a socket closed with unread bytes would reset, and take the response with it.
        case lingering
    }

    /// What becomes of the socket after a callback.
    enum Verdict {
        case open
        case close
    }

    /// Bytes that a client may send ahead while a response goes out. 64 KiB, dozens of pipelined
    /// requests; beyond it the socket is not read until the response is done.
    static let maxPipelinedBytes = 64 << 10

    let id: ConnectionID
    let socket: Socket
    let address: ClientAddress
    let ticket: WakeTicket
    unowned let loop: ServerLoop

    var phase = Phase.head
    /// Received and not yet taken.
    var input = InputBuffer()
    /// Heads, small bodies and control frames that go out before anything else.
    var outgoing: [UInt8] = []
    var isClosing = false
    /// The request being answered.
    var isHTTP11 = true
    var isHEAD = false
    var keepsAlive = true
    var responder: Task<Void, Never>?
    /// When the present phase is over, in the loop's milliseconds.
    var deadline: UInt64 = .max
    /// When the request's body must be complete.
    var bodyDeadline: UInt64 = .max
    /// Bytes of the request's body that count in the server's budget, until it is answered.
    var bodyBytes = 0
    /// Bytes of `input` in which the end of a head was looked for in vain.
    var scannedBytes = 0
    var hasReceived = false
    /// libwebsockets holds bytes that the kernel did not take yet.
    private(set) var isFlushing = false
    /// It is known whether the client speaks HTTP/2.
    var isRecognized = false
    /// Between the socket's bytes and ours, where there is TLS.
    let tls: TLSStream?
    /// The socket has not called back since it was asked to.
    private(set) var isWritableRequested = false
    private var isReading = true
    var stall = StallWatch()

    init(
        id: ConnectionID, socket: Socket, address: ClientAddress, tls: TLSStream?, loop: ServerLoop
    ) {
        self.id = id
        self.socket = socket
        self.address = address
        self.tls = tls
        self.loop = loop
        ticket = WakeTicket(id)
        let settings = loop.settings
        let limit = tls == nil ? settings.headTimeout : settings.handshakeTimeout
        deadline = loop.now + limit.milliseconds
    }

    var settings: WebServerSettings { loop.settings }
    var remoteAddress: String { address.text }
    var isSecure: Bool { tls != nil }

    /// What sources and sessions wake this connection with.
    var wake: SocketWake { wake(ticket) }

    /// What the source of one stream is woken with.
    func wake(_ ticket: WakeTicket) -> SocketWake {
        SocketWake { [mailbox = loop.mailbox, ticket] in mailbox.wake(ticket) }
    }

    // MARK: Callbacks

    /// Takes received bytes.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Verdict {
        switch phase {
        case .parting, .lingering: return .open
        default: break
        }
        guard let tls else {
            unsafe input.append(bytes)
            return process()
        }
        return unsafe receive(bytes, tls)
    }

    /// Writes what there is, within one turn's budget.
    func becameWritable() -> Verdict {
        isWritableRequested = false
        isFlushing = false
        updateReading()
        return writeTurn()
    }

    private func writeTurn() -> Verdict {
        var budget = TurnBudget()
        while !budget.isSpent {
            switch writeNext(&budget) {
            case .again: continue
            case .idle: return .open
            case .close: return .close
            case .partial:
                isFlushing = true
                isWritableRequested = true
                updateReading()
                return .open
            }
        }
        requestWritable()
        return .open
    }

    /// A source or session has something to send.
    ///
    /// A WebSocket that owes nothing is written to at once. To wait until it is writable, which it
    /// is, costs two changes of what the loop waits for, and the same frame may go to thousands.
    func woken(_ stream: HTTP2StreamID?) -> Verdict {
        switch phase {
        case .sending(let body): body.isWaiting = false
        case .webSocket(let webSocket):
            webSocket.isWaiting = false
            if !isWritableRequested { return writeTurn() }
        case .http2(let http2):
            guard let stream else { return .open }
            http2.woken(stream)
        case .head, .body, .responding, .upgrading, .parting, .lingering: return .open
        }
        requestWritable()
        return .open
    }

    /// The socket is gone: everything that waits for it is told.
    func closed() {
        isClosing = true
        releaseBody()
        responder?.cancel()
        responder = nil
        closePhase()
        phase = .lingering
    }

    // MARK: Steps

    /// Tells what the phase works for that it is over.
    private func closePhase() {
        switch phase {
        case .sending(let body): body.close()
        case .webSocket(let webSocket): webSocket.end()
        case .http2(let http2): http2.close()
        case .head, .body, .responding, .upgrading, .parting, .lingering: break
        }
    }

    /// Reads requests or frames out of `input` until there is not enough of it.
    func process() -> Verdict {
        while !isClosing {
            let progress: Bool
            switch phase {
            case .head where !isRecognized: progress = recognizeProtocol()
            case .head: progress = readHead()
            case .body(let head, let reader): progress = readBody(head, reader)
            case .webSocket(let webSocket): progress = readFrame(webSocket)
            case .http2(let http2):
                readFrames(http2)
                return .open
            case .responding, .upgrading, .sending:
                updateReading()
                return .open
            case .parting, .lingering:
                input.removeAll()
                return .open
            }
            if !progress {
                updateReading()  // What was sent ahead is taken, and what is missing must come.
                return .open
            }
        }
        return .close
    }

    private func writeNext(_ budget: inout TurnBudget) -> WriteStep {
        if let tls, !tls.output.isEmpty { return write(encrypted: tls, &budget) }
        if !outgoing.isEmpty {
            let bytes = outgoing
            outgoing = []
            return unsafe bytes.withUnsafeBytes { bytes in
                unsafe write(bytes, &budget)
            }
        }
        switch phase {
        case .sending(let body): return writeBody(body, &budget)
        case .webSocket(let webSocket): return writeFrame(webSocket, &budget)
        case .http2(let http2): return writeFrames(http2, &budget)
        case .parting: return linger()
        case .head, .body, .responding, .upgrading, .lingering: return .idle
        }
    }

    /// Writes bytes and counts them.
    func write(_ bytes: UnsafeRawBufferPointer, _ budget: inout TurnBudget) -> WriteStep {
        if unsafe bytes.isEmpty { return .again }
        if let tls { return unsafe tls.send(bytes) ? write(encrypted: tls, &budget) : .close }
        return unsafe write(raw: bytes, &budget)
    }

    /// Writes bytes as they are.
    func write(raw bytes: UnsafeRawBufferPointer, _ budget: inout TurnBudget) -> WriteStep {
        guard let start = bytes.baseAddress, unsafe !bytes.isEmpty else { return .again }
        budget.spend(bytes: bytes.count)
        let result = unsafe socket.write(start, bytes.count)
        return switch result {
        case .sent: .again
        case .partial: .partial
        case .failed: .close
        }
    }

    func requestWritable() {
        guard !isWritableRequested else { return }
        isWritableRequested = true
        socket.requestWritable()
    }

    /// Lets the socket be read, or not.
    ///
    /// With bytes unsent libwebsockets does not read, yet the loop would report the socket readable
    /// again and again, so nothing is asked for until they are sent.
    func updateReading() {
        var reading = !isFlushing
        // What is kept of a WebSocket is the beginning of one frame, and only its rest makes it go.
        if case .webSocket = phase {
        } else {
            reading = reading && input.count <= Self.maxPipelinedBytes
        }
        guard isReading != reading else { return }
        isReading = reading
        socket.setReading(reading)
    }

    /// Says goodbye once what waits to be sent is sent.
    func part() {
        closePhase()
        phase = .parting
        deadline = loop.now + settings.closeTimeout.milliseconds
        requestWritable()
    }

    /// Says goodbye: the sending half is closed, and the client has a moment to close its own.
    func linger() -> WriteStep {
        closePhase()
        if let tls, !tls.isFinished {
            tls.finish()
            phase = .parting
            return .again
        }
        socket.finishWriting()
        phase = .lingering
        input.removeAll()
        deadline = loop.now + settings.closeTimeout.milliseconds
        updateReading()
        return .idle
    }
}

/// What came of one step of writing.
enum WriteStep {
    /// It went out, or there was nothing to write; there may be more.
    case again
    /// There is nothing to send.
    case idle
    /// The socket takes no more.
    case partial
    /// The connection is over.
    case close
}

/// What one socket may write before the others have their turn.
///
/// 256 KiB or 16 blocks, whichever comes first: a fast reader is served at some GiB a second, and
/// the others wait for it no longer than some 100 µs.
struct TurnBudget {
    private var bytes = 256 << 10
    private var writes = 16

    var isSpent: Bool { bytes <= 0 || writes <= 0 }

    mutating func spend(bytes count: Int) {
        bytes -= count
        writes -= 1
    }
}
