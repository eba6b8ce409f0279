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
            let taken = try reader.consume(input.unread)
            input.removeFirst(taken)
            if reader.isComplete {
                try dispatch(head, body: reader.body)
                return true
            }
            phase = .body(head, reader)
            if taken > 0 { deadline = loop.now + settings.bodyTimeout.milliseconds }
            return false
        } catch {
            fail(error)
            return true
        }
    }

    /// Answers with an error of the server's own, and then closes.
    func fail(_ failure: RequestFailure) {
        let (contentType, body) = settings.errorBody(failure.status, failure.message)
        var fields = [HeaderField("Content-Type", contentType)]
        if failure.status == 426 {
            fields += [
                HeaderField("Sec-WebSocket-Version", "13"), HeaderField("Upgrade", "websocket"),
            ]
        }
        keepsAlive = false
        begin(.full(ResponseHead(status: failure.status, fields: fields), body: body))
    }

    private func begin(_ head: RequestHead) throws(RequestFailure) {
        isHTTP11 = head.isHTTP11
        isHEAD = head.method == "HEAD"
        keepsAlive = head.keepsAlive && !loop.isStopping
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
        deadline = loop.now + settings.bodyTimeout.milliseconds
        phase = .body(head, reader)
    }

    private func dispatch(_ head: RequestHead, body: [UInt8]) throws(RequestFailure) {
        let request = try ServerRequest(
            method: head.method, target: head.target, fields: head.fields, body: body,
            remoteAddress: remoteAddress)
        phase = .responding
        deadline = .max
        // The bridge between the server thread and the handler's tasks: the answer comes back
        // through the mailbox, and closing the connection cancels the task.
        responder = Task { [id, handler = loop.handler, mailbox = loop.mailbox] in
            let response = await handler.respond(to: request)
            mailbox.deliver(ServerMailbox.Answer(connection: id, response: response))
        }
    }

    private func beginUpgrade(_ head: RequestHead) throws(RequestFailure) {
        let accept = try WebSocketHandshake.accept(head)
        let request = try ServerRequest(
            method: head.method, target: head.target, fields: head.fields,
            remoteAddress: remoteAddress)
        switch loop.handler.upgrade(request) {
        case .refuse(let head, let body):
            begin(.full(head, body: body))
        case .accept(let chosen, let session):
            let subprotocol = request.subprotocols.first { $0 == chosen }
            outgoing.append(
                contentsOf: ResponseEncoder.encodeUpgrade(accept: accept, subprotocol: subprotocol))
            open(session)
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
