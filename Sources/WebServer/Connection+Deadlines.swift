/// What lasts too long, and the end of the server.
extension Connection {
    /// Acts on a deadline that has passed, and on a WebSocket's silence.
    func tick(_ now: UInt64) -> Verdict {
        if isStalled(now) {
            if case .webSocket(let webSocket) = phase, !webSocket.isClosing {
                stall = StallWatch()
                endStalled(webSocket)
                return .open
            }
            socket.resetOnClose()  // The rest cannot be delivered, and must not wait in the kernel.
            return .close
        }
        if case .http2(let http2) = phase {
            if http2.tick(now) { requestWritable() }
            return .open
        }
        if case .webSocket(let webSocket) = phase, !webSocket.isClosing {
            keepAlive(webSocket, now)
            return .open
        }
        guard now >= deadline else { return .open }
        switch phase {
        case .head where hasReceived:
            fail(RequestFailure(408, "the request's head did not arrive in time"))
        case .body:
            fail(RequestFailure(408, "the request's body did not arrive in time"))
        case .head, .responding, .upgrading, .sending, .webSocket, .http2, .parting, .lingering:
            return .close
        }
        return .open
    }

    /// Whether the client has taken nothing of what it is owed for too long.
    private func isStalled(_ now: UInt64) -> Bool {
        guard isWritableRequested else {
            stall = StallWatch()
            return false
        }
        return stall.isStalled(
            acknowledged: socket.acknowledgedBytes, now: now,
            limit: settings.stallTimeout.milliseconds)
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
        case .http2(let http2):
            http2.stop()
            requestWritable()
            return .open
        case .head, .body, .responding, .upgrading: return .close
        case .parting, .lingering: return .open
        }
    }
}
