/// An HTTP/2 connection's streams beside its ``Connection``, which has the socket.
///
/// Owned by the server thread. Requests are answered in any order, each response in its own time:
/// one that waits for its source or its reader holds up no other.
final class HTTP2Connection {
    /// Bodies of unfinished requests together, in bodies of the longest allowed length. 4. Beyond it
    /// a stream is refused, and the client may send it again.
    static let maxBodies = 4
    /// Handlers at work, in concurrent streams: those of streams that the client took back count
    /// until they have noticed. 2. Beyond it the connection closes.
    private static let maxHandlers = 2

    unowned let connection: Connection
    var streams: [HTTP2StreamID: HTTP2Stream] = [:]
    var floods = FloodGuard()
    private var handlers = 0
    var bodyBytes = 0
    /// When the last stream ended, or the connection began.
    var idleSince: UInt64
    /// When the client began a head that is not complete.
    var headSince: UInt64?
    /// The client has said hello: its preface and settings are here.
    var isOpen = false
    /// The client broke the protocol; nothing more is read of it.
    var hasFailed = false
    /// No more requests are taken.
    private var isGoingAway = false
    /// Nil only until `init` is done: it needs the finished object.
    private var madeSession: HTTP2Session?

    /// Begins a connection; nil where memory is used up.
    init?(_ connection: Connection) {
        self.connection = connection
        idleSince = connection.loop.now
        let settings = connection.settings
        madeSession = HTTP2Session(
            self, maxStreams: settings.maxStreams, maxHeaderBytes: settings.maxHeaderBytes)
        if madeSession == nil { return nil }
    }

    var session: HTTP2Session {
        guard let madeSession else { preconditionFailure("made in init, or there is no self") }
        return madeSession
    }

    var settings: WebServerSettings { connection.settings }
    var now: UInt64 { connection.loop.now }

    // MARK: What the connection asks

    /// Takes a handler's answer.
    func answer(_ id: HTTP2StreamID, _ response: ServerResponse) {
        handlers -= 1
        guard let stream = streams[id], case .responding = stream.phase else {
            response.source?.closed()
            return
        }
        begin(response, stream)
    }

    /// A source has more.
    func woken(_ id: HTTP2StreamID) {
        guard let stream = streams[id], case .sending(let body) = stream.phase else { return }
        body.woken()
        stream.deadline = now + settings.stallTimeout.milliseconds
        session.resume(id)
    }

    /// Acts on what has lasted too long; true where there is something to send of it.
    func tick(_ now: UInt64) -> Bool {
        var hasActed = false
        for stream in streams.values where now >= stream.deadline {
            switch stream.phase {
            case .receiving:
                fail(RequestFailure(408, "the request did not arrive in time"), stream)
            case .responding: continue
            // Where the windows are open it is the socket that is slow, which is looked at apart.
            case .sending where !session.isWindowClosed(stream.id): continue
            case .sending: session.reset(stream.id, .cancel)
            }
            hasActed = true
        }
        let headTimeout = settings.headTimeout.milliseconds
        let isHeadLate = headSince.map { now >= $0 + headTimeout } ?? false
        let isHelloLate = !isOpen && now >= idleSince + headTimeout
        let idleTimeout = settings.idleTimeout.milliseconds
        if isHeadLate || isHelloLate {
            session.terminate(.none)
        } else if streams.isEmpty, !isGoingAway, now >= idleSince + idleTimeout {
            goAway()
        } else {
            return hasActed
        }
        return true
    }

    /// Takes no more requests, cuts streams so that they are not taken for complete, and lets whole
    /// bodies finish.
    func stop() {
        goAway()
        for stream in streams.values {
            switch stream.phase {
            case .receiving: session.reset(stream.id, .refusedStream)
            case .responding: session.reset(stream.id, .internalError)
            case .sending(let body) where body.isWhole: break
            case .sending: session.reset(stream.id, .internalError)
            }
        }
    }

    /// The socket is gone.
    func close() {
        for stream in streams.values {
            settle(stream)
            stream.close()
        }
        streams = [:]
    }

    private func goAway() {
        guard !isGoingAway else { return }
        isGoingAway = true
        session.goAway()
    }

    // MARK: Steps

    /// Hands a complete request to the handler.
    func dispatch(_ stream: HTTP2Stream) {
        let body = stream.body
        release(stream)
        let request: ServerRequest
        do throws(RequestFailure) {
            try connection.loop.admitRequest(of: connection.address)
            request = try stream.head.request(
                body: body, remoteAddress: connection.address.text, isSecure: connection.isSecure)
        } catch {
            return fail(error, stream)
        }
        guard handlers < settings.maxStreams * Self.maxHandlers else {
            return session.terminate(.enhanceYourCalm)
        }
        handlers += 1
        stream.deadline = .max
        // The bridge between the server thread and the handler's tasks, as for HTTP/1.1.
        let loop = connection.loop
        stream.phase = .responding(
            Task {
                [
                    id = connection.id, stream = stream.id, handler = loop.handler,
                    mailbox = loop.mailbox
                ] in
                let response = await handler.respond(to: request)
                mailbox.deliver(
                    ServerMailbox.Answer(
                        connection: id, content: .streamResponse(stream, response)))
            })
    }

    /// Answers with an error of the server's own; the connection goes on.
    func fail(_ failure: RequestFailure, _ stream: HTTP2Stream) {
        release(stream)
        begin(connection.response(to: failure), stream)
    }

    private func begin(_ response: ServerResponse, _ stream: HTTP2Stream) {
        settle(stream)
        let isBodiless =
            stream.head.method == "HEAD" || ResponseEncoder.isBodiless(response.head.status)
        var lease: AnswerLease?
        if case .full(_, let bytes) = response, !isBodiless {
            do throws(RequestFailure) {
                lease = try connection.loop.answers.lease(bytes.count, of: connection.address)
            } catch {
                return begin(connection.response(to: error), stream)
            }
        }
        stream.head = HTTP2RequestHead()  // Of no use any more, while the response may take days.
        let length: Int? =
            switch response {
            case .full(let head, let body):
                ResponseEncoder.isBodiless(head.status) ? nil : body.count
            case .stream: nil
            case .sized(_, let length, _): length
            }
        let body: HTTP2Body =
            switch response {
            case .full(_, let bytes): HTTP2Body(isBodiless ? [] : bytes, lease)
            case .stream(_, let source): HTTP2Body(source, length: nil)
            case .sized(_, let length, let source): HTTP2Body(source, length: length)
            }
        stream.phase = .sending(body)
        stream.deadline = now + settings.stallTimeout.milliseconds
        if isBodiless {
            body.close()
        } else {
            body.open(connection.wake(stream.ticket))
        }
        session.respond(
            stream.id,
            HTTP2FieldBlock(response.head, length: length, date: connection.loop.date()),
            hasBody: !isBodiless)
        connection.requestWritable()
    }

    /// Gives back what a request took of the server's budget.
    func settle(_ stream: HTTP2Stream) {
        connection.loop.bodies.giveBack(stream.countedBytes, of: connection.address)
        stream.countedBytes = 0
    }

    /// Gives back the room of a request's body on its connection.
    func release(_ stream: HTTP2Stream) {
        bodyBytes -= stream.body.count
        stream.body = []
    }
}
