import ByteBlocks

/// One client's connection, from accept to close: requests in turn, then perhaps a WebSocket.
///
/// Owned by the server thread. It decides what is read and written; ``ServerLoop`` brings it
/// libwebsockets' callbacks, and whatever they return closes or keeps the socket.
final class Connection {
    enum Phase {
        /// Reading a request's head. Can transition to body, responding, sending, webSocket.
        case head
        /// Reading a request's body. Can transition to responding and sending.
        case body(RequestHead, RequestBodyReader)
        /// A handler has the request. Can transition to sending.
        case responding
        /// A response goes out. Can transition to head and lingering.
        case sending(OutgoingBody)
        /// Can transition to lingering.
        case webSocket(WebSocketConnection)
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
    let remoteAddress: String
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
    /// Bytes of `input` in which the end of a head was looked for in vain.
    var scannedBytes = 0
    var hasReceived = false
    /// libwebsockets holds bytes that the kernel did not take yet.
    private(set) var isFlushing = false
    private var isWritableRequested = false
    private var isReading = true

    init(id: ConnectionID, socket: Socket, remoteAddress: String, loop: ServerLoop) {
        self.id = id
        self.socket = socket
        self.remoteAddress = remoteAddress
        self.loop = loop
        ticket = WakeTicket(id)
        deadline = loop.now + loop.settings.headTimeout.milliseconds
    }

    var settings: WebServerSettings { loop.settings }

    /// What sources and sessions wake this connection with.
    var wake: SocketWake {
        SocketWake { [mailbox = loop.mailbox, ticket] in mailbox.wake(ticket) }
    }

    // MARK: Callbacks

    /// Takes received bytes.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Verdict {
        if case .lingering = phase { return .open }
        unsafe input.append(bytes)
        return process()
    }

    /// Writes what there is, within one turn's budget.
    func becameWritable() -> Verdict {
        isWritableRequested = false
        isFlushing = false
        updateReading()
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
    func woken() {
        switch phase {
        case .sending(let body): body.isWaiting = false
        case .webSocket(let webSocket): webSocket.isWaiting = false
        case .head, .body, .responding, .lingering: return
        }
        requestWritable()
    }

    /// The socket is gone: everything that waits for it is told.
    func closed() {
        isClosing = true
        responder?.cancel()
        responder = nil
        switch phase {
        case .sending(let body): body.close()
        case .webSocket(let webSocket): webSocket.session.closed()
        case .head, .body, .responding, .lingering: break
        }
        phase = .lingering
    }

    // MARK: Steps

    /// Reads requests or frames out of `input` until there is not enough of it.
    func process() -> Verdict {
        while !isClosing {
            let progress: Bool
            switch phase {
            case .head: progress = readHead()
            case .body(let head, let reader): progress = readBody(head, reader)
            case .webSocket(let webSocket): progress = readFrame(webSocket)
            case .responding, .sending:
                updateReading()
                return .open
            case .lingering:
                input.removeAll()
                return .open
            }
            if !progress { return .open }
        }
        return .close
    }

    private func writeNext(_ budget: inout TurnBudget) -> WriteStep {
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
        case .head, .body, .responding, .lingering: return .idle
        }
    }

    /// Writes bytes and counts them.
    func write(_ bytes: UnsafeRawBufferPointer, _ budget: inout TurnBudget) -> WriteStep {
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
        let reading = !isFlushing && input.count <= Self.maxPipelinedBytes
        guard isReading != reading else { return }
        isReading = reading
        socket.setReading(reading)
    }

    /// Says goodbye: the sending half is closed, and the client has a moment to close its own.
    func linger() -> WriteStep {
        socket.finishWriting()
        switch phase {
        case .sending(let body): body.close()
        case .webSocket(let webSocket): webSocket.session.closed()
        case .head, .body, .responding, .lingering: break
        }
        phase = .lingering
        input.removeAll()
        deadline = loop.now + settings.closeTimeout.milliseconds
        updateReading()
        return .idle
    }

    /// Acts on a deadline that has passed, and on a WebSocket's silence.
    func tick(_ now: UInt64) -> Verdict {
        if case .webSocket(let webSocket) = phase, !webSocket.isClosing {
            return keepAlive(webSocket, now)
        }
        guard now >= deadline else { return .open }
        switch phase {
        case .head where hasReceived:
            fail(RequestFailure(408, "the request's head did not arrive in time"))
        case .body:
            fail(RequestFailure(408, "the request's body did not arrive in time"))
        case .head, .responding, .sending, .webSocket, .lingering: return .close
        }
        return .open
    }

    /// Prepares for the end of the server.
    func stop(_ order: ServerMailbox.StopOrder) -> Verdict {
        keepsAlive = false
        switch phase {
        case .webSocket(let webSocket):
            startClose(webSocket, code: order.code, reason: order.reason)
            return .open
        case .sending(let body) where body.isWhole: return .open
        case .sending(let body):
            if !body.isCutVisible { socket.resetOnClose() }
            return .close
        case .head, .body, .responding: return .close
        case .lingering: return .open
        }
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
