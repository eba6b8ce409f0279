/// The bytes of one response body, in order, for a single consumer.
///
/// Any task may consume it, one call at a time. Dropping it, ``cancel()`` and the cancellation of a
/// task that waits in ``next()`` end the transfer; over HTTP/2 the stream is reset, over HTTP/1.1
/// the connection is closed.
package final class HTTPBody: Sendable {
    private let exchange: Exchange

    init(_ exchange: Exchange) {
        self.exchange = exchange
    }

    deinit {
        exchange.cancel()
    }

    /// All bytes that arrived since the last call, at most about ``HTTPRequest/bodyLimit``; waits
    /// for the first one where there is none. Never empty.
    ///
    /// - Returns: the bytes, or nil when the body has ended as it should.
    /// - Throws: ``HTTPClientError`` when the transfer failed, after the bytes that had arrived: a
    ///   body cut before its declared length or its last chunk, and a reset stream, are `cut`.
    package func next() async throws -> [UInt8]? {
        try await exchange.next()
    }

    /// Ends the transfer. Bytes that were not taken are dropped, and ``next()`` throws `cancelled`.
    package func cancel() {
        exchange.cancel()
    }

    /// The whole rest of the body, for small answers.
    ///
    /// - Parameter limit: the most bytes to accept.
    /// - Returns: what was left of the body.
    /// - Throws: `bodyTooLarge` beyond the limit, when the transfer is cancelled too, or what
    ///   ``next()`` throws.
    package func collect(upTo limit: Int) async throws -> [UInt8] {
        var all: [UInt8] = []
        while let bytes = try await next() {
            guard all.count + bytes.count <= limit else {
                cancel()
                throw exchange.error(.bodyTooLarge, "the body is longer than \(limit) bytes")
            }
            if all.isEmpty { all = bytes } else { all += bytes }
        }
        return all
    }
}
