import Logging

/// TLS, below everything else.
extension Connection {
    /// Takes a handshake's or encrypted bytes.
    func receive(_ bytes: UnsafeRawBufferPointer, _ tls: TLSStream) -> Verdict {
        if tls.isFresh, let first = unsafe bytes.first, (0x41...0x5A).contains(first) {
            refusePlainHTTP(tls)
            return .open
        }
        let wasEstablished = tls.isEstablished
        let reception = unsafe tls.receive(bytes, into: &input)
        if tls.isEstablished, !wasEstablished { beginSecured(tls) }
        switch reception {
        case .open: break
        case .ended:
            // As when a client without TLS closes: nobody reads what would be sent.
            return .close
        case .failed(let reason):
            loop.logger.debug(
                "A TLS connection has failed",
                metadata: ["address": "\(remoteAddress)", "reason": "\(reason)"])
            part()
            return .open
        }
        if !tls.output.isEmpty { requestWritable() }
        return process()
    }

    /// Sends what waits to be sent, encrypted.
    func write(encrypted tls: TLSStream, _ budget: inout TurnBudget) -> WriteStep {
        let bytes = tls.takeOutput()
        return unsafe bytes.withUnsafeBytes { bytes in
            unsafe write(raw: bytes, &budget)
        }
    }

    /// Answers HTTP without TLS in its own terms: a handshake's first byte is 22, a request's the
    /// first letter of its method.
    private func refusePlainHTTP(_ tls: TLSStream) {
        let (head, body) = errorParts(RequestFailure(400, "this address speaks HTTPS only"))
        tls.refuse(
            ResponseEncoder.encode(
                head, framing: .length(body.count), keepsAlive: false, isHTTP11: true,
                date: loop.date()) + body)
        part()
    }

    private func beginSecured(_ tls: TLSStream) {
        deadline = loop.now + settings.headTimeout.milliseconds
        isRecognized = true
        if tls.hasAgreedOnHTTP2 { startHTTP2() }
    }
}
