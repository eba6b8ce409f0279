/// Reading requests and handing them to the handler.
extension Connection {
    /// Takes a request's head; false where it is not complete.
    func readHead() -> Bool {
        if input.isEmpty { return false }
        if !hasReceived {
            // The head's time runs from its first byte, not from the last response.
            hasReceived = true
            deadline = loop.now + settings.headTimeout.milliseconds
        }
        skipEmptyLines()
        guard let length = lengthOfHead() else {
            if input.count >= settings.maxHeaderBytes {
                fail(
                    RequestFailure(431, "the head is longer than \(settings.maxHeaderBytes) bytes"))
                return true
            }
            return false
        }
        do throws(RequestFailure) {
            guard length <= settings.maxHeaderBytes else {
                throw RequestFailure(
                    431, "the head is longer than \(settings.maxHeaderBytes) bytes")
            }
            let head = try RequestHead(input.unread.prefix(length - 2))
            input.removeFirst(length)
            try begin(head)
        } catch {
            fail(error)
        }
        return true
    }

    /// Takes more of a request's body; false where it is not complete.
    func readBody(_ head: RequestHead, _ reader: RequestBodyReader) -> Bool {
        var reader = reader
        phase = .responding  // So that the reader's array has one owner while it grows.
        do throws(RequestFailure) {
            let known = reader.body.count
            let taken = try reader.consume(input.unread)
            input.removeFirst(taken)
            try loop.bodies.take(reader.body.count - known, of: address)
            bodyBytes = reader.body.count
            if reader.isComplete {
                try dispatch(head, body: reader.body)
                return true
            }
            phase = .body(head, reader)
            if taken > 0 { waitForBody() }
            return false
        } catch {
            fail(error)
            return true
        }
    }

    /// Answers with an error of the server's own, and then closes.
    func fail(_ failure: RequestFailure) {
        keepsAlive = false
        begin(response(to: failure))
    }

    /// Gives back the room of a request's body.
    func releaseBody() {
        loop.bodies.giveBack(bodyBytes, of: address)
        bodyBytes = 0
    }

    /// What a client is told of an error of the server's own.
    func response(to failure: RequestFailure) -> ServerResponse {
        let (head, body) = errorParts(failure)
        return .full(head, body: body)
    }

    /// Head and body of an error of the server's own.
    func errorParts(_ failure: RequestFailure) -> (ResponseHead, body: [UInt8]) {
        let (contentType, body) = settings.errorBody(failure.status, failure.message)
        var fields = [HeaderField("Content-Type", contentType)] + settings.errorFields
        if failure.status == 426 {
            fields += [
                HeaderField("Sec-WebSocket-Version", "13"), HeaderField("Upgrade", "websocket"),
            ]
        }
        // A second refills the allowance of requests by as many as it has.
        if [429, 503].contains(failure.status) { fields.append(HeaderField("Retry-After", "1")) }
        return (ResponseHead(status: failure.status, fields: fields), body)
    }

    private func begin(_ head: RequestHead) throws(RequestFailure) {
        isHTTP11 = head.isHTTP11
        isHEAD = head.method == "HEAD"
        keepsAlive = head.keepsAlive && !loop.isStopping
        try loop.admitRequest(of: address)
        if head.wantsWebSocket {
            try beginUpgrade(head)
            return
        }
        if head.fields.first("Expect") != nil, isHTTP11,
            !head.fields.listContains("Expect", "100-continue")
        {
            throw RequestFailure(417, "100-continue is the only expectation served here")
        }
        let reader = try RequestBodyReader(head.body, limit: settings.maxBodyBytes)
        if reader.isComplete {
            try dispatch(head, body: [])
            return
        }
        if head.expectsContinue, input.isEmpty {
            outgoing.append(contentsOf: "HTTP/1.1 100 Continue\r\n\r\n".utf8)
            requestWritable()
        }
        bodyDeadline = loop.now + settings.wholeBodyTimeout.milliseconds
        waitForBody()
        phase = .body(head, reader)
    }

    private func waitForBody() {
        deadline = min(bodyDeadline, loop.now + settings.bodyTimeout.milliseconds)
    }

    private func dispatch(_ head: RequestHead, body: [UInt8]) throws(RequestFailure) {
        let request = try ServerRequest(
            method: head.method, target: head.target, fields: head.fields, body: body,
            remoteAddress: remoteAddress, isSecure: isSecure)
        phase = .responding
        deadline = .max
        // The bridge between the server thread and the handler's tasks: the answer comes back
        // through the mailbox, and closing the connection cancels the task.
        responder = Task { [id, handler = loop.handler, mailbox = loop.mailbox] in
            let response = await handler.respond(to: request)
            mailbox.deliver(ServerMailbox.Answer(connection: id, content: .response(response)))
        }
    }

    private func beginUpgrade(_ head: RequestHead) throws(RequestFailure) {
        let accept = try WebSocketHandshake.accept(head)
        let request = try ServerRequest(
            method: head.method, target: head.target, fields: head.fields,
            remoteAddress: remoteAddress, isSecure: isSecure)
        phase = .upgrading(
            WebSocketOffer(
                accept: accept, subprotocols: request.subprotocols,
                deflates: settings.deflatesWebSockets
                    && DeflateOffer.isAcceptable(head.fields.list("Sec-WebSocket-Extensions"))))
        deadline = .max
        // The same bridge as for a response.
        responder = Task { [id, handler = loop.handler, mailbox = loop.mailbox] in
            let decision = await handler.upgrade(request)
            mailbox.deliver(ServerMailbox.Answer(connection: id, content: .decision(decision)))
        }
    }

    /// RFC 9112 section 2.2: empty lines before a request line are passed over.
    private func skipEmptyLines() {
        let count = input.unread.prefix { $0 == .carriageReturn || $0 == .lineFeed }.count
        if count > 0 {
            input.removeFirst(count)
            scannedBytes = 0
        }
    }

    /// The length of the head with the empty line that ends it.
    private func lengthOfHead() -> Int? {
        let bytes = input.unread
        var rest = bytes.dropFirst(max(0, scannedBytes - 3))
        while let lineEnd = rest.firstIndex(of: .lineFeed) {
            rest = bytes[(lineEnd + 1)...]
            if rest.first == .lineFeed { return rest.startIndex + 1 - bytes.startIndex }
            if rest.starts(with: [.carriageReturn, .lineFeed]) {
                return rest.startIndex + 2 - bytes.startIndex
            }
        }
        scannedBytes = bytes.count
        return nil
    }
}
