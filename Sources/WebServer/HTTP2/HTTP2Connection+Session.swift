import Logging

/// What arrives, and what nghttp2 asks for.
extension HTTP2Connection: HTTP2SessionDelegate {
    func received(_ frame: HTTP2FrameKind) -> Bool {
        if frame == .settings { isOpen = true }
        return floods.admits(frame, now: now)
    }

    func began(_ stream: HTTP2StreamID) {
        headSince = now
        streams[stream] = HTTP2Stream(
            stream, on: connection.id, deadline: now + settings.headTimeout.milliseconds)
    }

    func received(
        name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>, _ stream: HTTP2StreamID
    ) {
        unsafe streams[stream]?.head.append(
            name: name, value: value, limit: settings.maxHeaderBytes)
    }

    func receivedHead(_ id: HTTP2StreamID) {
        headSince = nil
        guard let stream = streams[id], case .receiving = stream.phase else { return }
        stream.bodyDeadline = now + settings.wholeBodyTimeout.milliseconds
        waitForBody(stream)
        if let failure = stream.head.failure {
            fail(failure, stream)
        } else if stream.head.contentLength ?? 0 > settings.maxBodyBytes {
            fail(
                RequestFailure(413, "the body is longer than \(settings.maxBodyBytes) bytes"),
                stream)
        } else if let failure = count(stream.head.bytes, of: stream) {
            fail(failure, stream)
        } else if stream.head.expectsContinue, !session.isRequestEnded(id) {
            session.goOn(id)
        }
    }

    func received(body bytes: UnsafeRawBufferPointer, _ id: HTTP2StreamID) {
        guard let stream = streams[id], case .receiving = stream.phase else { return }
        guard stream.body.count + bytes.count <= settings.maxBodyBytes else {
            return fail(
                RequestFailure(413, "the body is longer than \(settings.maxBodyBytes) bytes"),
                stream)
        }
        guard bodyBytes + bytes.count <= settings.maxBodyBytes * Self.maxBodies else {
            return session.reset(id, .refusedStream)
        }
        if let failure = count(bytes.count, of: stream) { return fail(failure, stream) }
        bodyBytes += bytes.count
        unsafe stream.body.append(contentsOf: bytes)
        waitForBody(stream)
    }

    /// Counts bytes of a request in the server's budget, until it is answered; says why where they
    /// are too many.
    ///
    /// Heads count as bodies do: with HPACK a few bytes on the wire make 32 KiB of head here, in as
    /// many streams as a connection may have.
    private func count(_ bytes: Int, of stream: HTTP2Stream) -> RequestFailure? {
        do throws(RequestFailure) {
            try connection.loop.bodies.take(bytes, of: connection.address)
        } catch {
            return error
        }
        stream.countedBytes += bytes
        return nil
    }

    private func waitForBody(_ stream: HTTP2Stream) {
        stream.deadline = min(stream.bodyDeadline, now + settings.bodyTimeout.milliseconds)
    }

    func receivedEnd(_ id: HTTP2StreamID) {
        guard let stream = streams[id], case .receiving = stream.phase else { return }
        dispatch(stream)
    }

    func fill(
        _ buffer: UnsafeMutableRawBufferPointer, _ id: HTTP2StreamID
    ) -> HTTP2Body.Filling {
        guard let stream = streams[id], case .sending(let body) = stream.phase else {
            return .failed(nil)
        }
        let filling = unsafe body.fill(buffer)
        if case .failed(let reason?) = filling {
            connection.loop.logger.error("A response body is \(reason)")
        }
        // Only a reader may stall a response, not the source.
        stream.deadline =
            body.isWaiting ? .max : now + settings.stallTimeout.milliseconds
        return filling
    }

    func sentEnd(_ id: HTTP2StreamID) {
        // What is still to come of the request has no use.
        if !session.isRequestEnded(id) { session.reset(id, .none) }
    }

    func ended(_ id: HTTP2StreamID) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        release(stream)
        settle(stream)
        stream.close()
        if streams.isEmpty { idleSince = now }
    }
}
