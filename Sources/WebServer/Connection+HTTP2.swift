import Logging

/// HTTP/2: who speaks it, and its bytes both ways.
extension Connection {
    /// What an HTTP/2 client sends first: RFC 9113 section 3.4.
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    /// Frames are gathered to writes of this size: what is copied when the socket is full.
    private static let gatheredBytes = 64 << 10

    /// Finds out what a client without TLS speaks; false where its bytes do not tell yet.
    func recognizeProtocol() -> Bool {
        if input.isEmpty { return false }
        let start = input.unread.prefix(Self.preface.count)
        guard Self.preface.starts(with: start) else {
            isRecognized = true
            return true
        }
        if start.count == Self.preface.count { startHTTP2() }
        return isRecognized
    }

    /// Makes it an HTTP/2 connection.
    func startHTTP2() {
        isRecognized = true
        deadline = .max
        if let http2 = HTTP2Connection(self) {
            phase = .http2(http2)
        } else {
            loop.logger.error("There is no memory for an HTTP/2 connection")
            part()
        }
        requestWritable()
    }

    /// Takes everything that was received.
    func readFrames(_ http2: HTTP2Connection) {
        if http2.hasFailed { input.removeAll() }
        if input.isEmpty { return }
        do throws(HTTP2Session.Failure) {
            try http2.session.receive(input.unread)
        } catch {
            loop.logger.debug(
                "An HTTP/2 client breaks the rules", metadata: ["error": "\(error.message)"])
            http2.hasFailed = true
            http2.session.terminate(.protocolError)
        }
        input.removeAll()
        requestWritable()
    }

    /// Writes the next frames.
    func writeFrames(_ http2: HTTP2Connection, _ budget: inout TurnBudget) -> WriteStep {
        var frames: [UInt8] = []
        do throws(HTTP2Session.Failure) {
            while frames.count < Self.gatheredBytes {
                let next = try unsafe http2.session.output()
                if unsafe next.isEmpty { break }
                unsafe frames.append(contentsOf: next)
            }
        } catch {
            loop.logger.error(
                "An HTTP/2 connection cannot go on", metadata: ["error": "\(error.message)"])
            return .close
        }
        guard !frames.isEmpty else { return http2.session.isAlive ? .idle : linger() }
        return unsafe frames.withUnsafeBytes { frames in
            unsafe write(frames, &budget)
        }
    }
}
