import Logging
import Synchronization

/// The server thread's world: the event loop, libwebsockets' context, and all connections.
///
/// Made, run and torn down on one thread, which alone may touch it. libwebsockets accepts nothing
/// and parses nothing here: its raw sockets carry the bytes, because its
/// HTTP parser of version 4.1 hides what this server needs: the path as sent, chunked bodies,
/// headers it has no name for, subprotocol lists over 127 bytes, and the end of a client during a
/// quiet response.
@safe final class ServerLoop {
    let settings: WebServerSettings
    let handler: any RequestHandler
    let logger: Logger
    let mailbox: ServerMailbox
    let listener: Listener
    private(set) var isStopping = false

    /// What the bodies of requests may take.
    var bodies: BodyBudget
    /// What whole answers may take.
    let answers: AnswerBudget
    /// Compresses what WebSocket clients want compressed.
    let deflater = FrameDeflater()
    private let handles: LoopHandles
    /// Nil only until `init` is done: it needs the finished object.
    private var context: RawContext?
    private var table = ConnectionTable()
    private var post = ServerMailbox.Post()
    private var httpDate = HTTPDate()
    /// Nil where the server speaks without TLS.
    private var tls: TLSContext?
    private var limits: AddressLimits
    /// When the server stops waiting for its clients, in the loop's milliseconds.
    private var stopDeadline: UInt64 = .max

    /// How long clients may take to say goodbye when the server stops. 1.5 s: the rest of the
    /// promised 2 s is for the teardown. Beyond it: their sockets are closed.
    private static let stopMilliseconds: UInt64 = 1_500

    init(
        settings: WebServerSettings, certificate: TLSFiles?, handler: any RequestHandler,
        logger: Logger, mailbox: ServerMailbox
    ) throws(WebServerError) {
        self.settings = settings
        self.handler = handler
        self.logger = logger
        self.mailbox = mailbox
        bodies = BodyBudget(
            limit: settings.maxBodyBytesInAll, longest: settings.maxBodyBytes, of: "requests")
        answers = AnswerBudget(limit: settings.maxAnswerBytesInAll)
        limits = AddressLimits(
            maxConnections: settings.maxConnectionsPerAddress,
            requestsPerSecond: settings.requestsPerSecond,
            handshakesPerSecond: certificate == nil ? 0 : settings.handshakesPerSecond,
            includesLoopback: settings.limitsLoopback)
        LibwebsocketsLog.install(logger)
        if let certificate { tls = try Self.makeContext(certificate, logger) }
        listener = try Listener(address: settings.address, port: settings.port)
        do throws(WebServerError) {
            handles = try LoopHandles(listener: listener.descriptor)
        } catch {
            listener.close()
            throw error
        }
        let owner = unsafe Unmanaged.passUnretained(self)
        unsafe handles.bind(owner.toOpaque())
        do throws(WebServerError) {
            context = unsafe try RawContext(handles, owner: owner.toOpaque())
        } catch {
            _ = handles.close()  // Nothing else is on the loop yet.
            listener.close()
            throw error
        }
        mailbox.open(handles.signal)
        handles.startAccepting()
    }

    /// The loop's clock, in milliseconds.
    var now: UInt64 { handles.now }

    /// The `Date` of a response.
    func date() -> String { httpDate.now() }

    /// Runs until the server is stopped, and leaves nothing behind.
    func run() {
        handles.run()
        mailbox.end()
        context?.destroy(handles)
        if !handles.close() {
            logger.error("The server's event loop still has open handles")
        }
        listener.close()
    }

    /// Counts a request.
    func admitRequest(of address: ClientAddress) throws(RequestFailure) {
        guard limits.request(address, now: now) else {
            throw RequestFailure(
                429, "more than \(settings.requestsPerSecond) requests a second from one address")
        }
    }

    // MARK: Callbacks of the loop

    /// Takes what other threads posted.
    func drainMailbox() {
        post.removeAll()
        mailbox.drain(into: &post)
        for ticket in post.wakes {
            ticket.isQueued.store(false, ordering: .sequentiallyConsistent)
            guard let connection = table[ticket.connection] else { continue }
            if connection.woken(ticket.stream) == .close { connection.socket.close() }
        }
        for answer in post.answers {
            guard let connection = table[answer.connection] else {
                answer.content.discard()
                continue
            }
            if connection.answer(answer.content) == .close { connection.socket.close() }
        }
        if let files = post.certificate { replaceCertificate(files) }
        if let order = post.stop, !isStopping { stop(order) }
        finishIfDone()
    }

    /// Takes waiting clients, a few at a time, and none while there are enough.
    func acceptClients() {
        for _ in 0..<64 where !isStopping {
            guard table.count < settings.maxConnections else {
                handles.stopAccepting()
                return
            }
            switch listener.accept() {
            case .nobody: return
            case .skipped: continue
            case .exhausted(let code):
                logger.warning("No client can be accepted", metadata: ["errno": "\(code)"])
                handles.stopAccepting()
                handles.startTicking(interval: tickInterval)
                return
            case .client(let descriptor, let address): adopt(descriptor, address)
            }
        }
    }

    /// Looks at the deadlines.
    func tick() {
        deflater.forget()
        for index in table.indices {
            guard let connection = table[index: index] else { continue }
            if connection.tick(now) == .close { connection.socket.close() }
        }
        if now >= stopDeadline {
            for index in table.indices { table[index: index]?.socket.close() }
        }
        limits.forget(now: now)
        if !isStopping, table.count < settings.maxConnections { handles.startAccepting() }
        if table.isEmpty, !isStopping { handles.stopTicking() }
        finishIfDone()
    }

    // MARK: Callbacks of libwebsockets

    /// The socket has bytes for its connection.
    func received(_ id: ConnectionID, _ bytes: UnsafeRawBufferPointer) -> Connection.Verdict {
        unsafe table[id]?.receive(bytes) ?? .close
    }

    /// The socket can take bytes.
    func becameWritable(_ id: ConnectionID) -> Connection.Verdict {
        table[id]?.becameWritable() ?? .close
    }

    /// The socket is gone.
    func closed(_ id: ConnectionID) {
        if let connection = table.release(id) {
            limits.close(connection.address)
            connection.closed()
        }
        if isStopping {
            handles.signal.send()  // The loop must not be torn down within this callback.
        } else if table.count == settings.maxConnections - 1 {
            handles.startAccepting()
        }
    }

    // MARK: Steps

    private func adopt(_ descriptor: Int32, _ address: ClientAddress) {
        guard limits.open(address, now: now) else {
            listener.refuse(descriptor)
            logger.debug(
                "An address has too many connections, or opens them too fast",
                metadata: ["address": "\(address.text)"])
            return
        }
        let stream = tls?.makeStream()
        guard tls == nil || stream != nil else {
            listener.refuse(descriptor)
            limits.close(address)
            logger.warning("There is no memory for a TLS connection")
            return
        }
        let id = table.reserve()
        guard let socket = context?.adopt(descriptor, id) else {
            // libwebsockets closed the descriptor and said why.
            table.release(id)
            limits.close(address)
            return
        }
        table.insert(
            Connection(id: id, socket: socket, address: address, tls: stream, loop: self))
        handles.startTicking(interval: tickInterval)
    }

    /// Fine enough for the shortest limit, coarse enough to cost nothing.
    private var tickInterval: UInt64 {
        let limits = [
            settings.handshakeTimeout, settings.headTimeout, settings.bodyTimeout,
            settings.wholeBodyTimeout, settings.idleTimeout, settings.stallTimeout,
            settings.pingInterval, settings.pongTimeout, settings.closeTimeout,
        ]
        return min(1_000, max(10, (limits.min() ?? .seconds(4)).milliseconds / 4))
    }

    private func stop(_ order: ServerMailbox.StopOrder) {
        isStopping = true
        stopDeadline = now + Self.stopMilliseconds
        handles.stopAccepting()
        for index in table.indices {
            guard let connection = table[index: index] else { continue }
            if connection.stop(order) == .close { connection.socket.close() }
        }
        handles.stopTicking()
        handles.startTicking(interval: 50)  // Fine enough for the promised 2 s.
    }

    /// Makes a context, and says what is wrong with the certificate's time of validity.
    private static func makeContext(
        _ files: TLSFiles, _ logger: Logger
    ) throws(WebServerError) -> TLSContext {
        let context = try TLSContext(files)
        if let warning = context.warning {
            logger.warning(
                "Clients will refuse the certificate",
                metadata: ["file": "\(files.settings.certificateFile)", "reason": "\(warning)"])
        }
        return context
    }

    /// Connections that are open keep the old certificate.
    private func replaceCertificate(_ files: TLSFiles) {
        do throws(WebServerError) {
            tls = try Self.makeContext(files, logger)
            logger.info(
                "The changed certificate is in use",
                metadata: ["file": "\(files.settings.certificateFile)"])
        } catch {
            logger.error(
                "The changed certificate cannot be used; the old one stays in use",
                metadata: ["error": "\(error)"])
        }
    }

    private func finishIfDone() {
        if isStopping, table.isEmpty { handles.stopRunning() }
    }
}
