/// The settings of a server. Every limit names its unit, its reason, and what happens beyond it.
package struct WebServerSettings: Sendable {
    /// The address to listen on, a name or a number. Loopback by default: closed by default.
    package var address = "127.0.0.1"
    /// The TCP port; 0 lets the system pick one, see ``WebServer/port``.
    package var port = 0
    /// The certificate to show. None by default: the server speaks without TLS.
    package var tls: TLSSettings?

    /// Bytes of a request's head. 32 KiB takes the largest bearer tokens and cookies in use and
    /// bounds what a client costs before it is known. Beyond it: `431`, and the connection closes.
    package var maxHeaderBytes = 32 << 10
    /// Bytes of a request's body. 1 MiB, the largest value that a client may declare. Beyond it:
    /// `413`, and the connection closes.
    package var maxBodyBytes = 1 << 20
    /// Bytes of all requests' bodies that have arrived and are not answered yet, and with HTTP/2 of
    /// their heads, of which a connection may have many. 64 MiB; one address
    /// but this machine's may hold a quarter. Beyond it: `503`, of one address `429`, with
    /// `Retry-After`.
    package var maxBodyBytesInAll = 64 << 20
    /// Bytes of all whole answers of more than 64 KiB that are being sent, such as a job's outputs.
    /// 256 MiB; one address but this machine's may hold a quarter, and one answer always fits where
    /// there is no other. Beyond it: `503`, of one address `429`, with `Retry-After`.
    package var maxAnswerBytesInAll = 256 << 20
    /// Bytes of a WebSocket message, its fragments joined. 64 KiB, four times what any endpoint takes;
    /// every connection may hold so much of a message that never ends. Beyond it: the WebSocket
    /// closes with code 1009.
    package var maxMessageBytes = 64 << 10
    /// Open connections. 16,384: some 100 MiB of kernel and server memory when all are idle; of the
    /// server alone an idle connection costs 1 KiB, with HTTP/2 16 KiB, with TLS 15 KiB, with both
    /// 27 KiB.
    /// Beyond it: new clients wait in the listening socket's queue until one closes.
    package var maxConnections = 16_384
    /// Open connections of one address (one /64 of IPv6). 1,024: an office behind one address has some hundred pages open. 0: any number. Beyond it: a new
    /// connection is closed at once.
    package var maxConnectionsPerAddress = 1_024
    /// Requests a second of one address; twice as many may come at once. 1,000: an engine may ask for a thousand jobs at their end, and a core answers some ten
    /// times as many. 0: any number. Beyond it: `429` with `Retry-After`.
    package var requestsPerSecond = 1_000
    /// TLS handshakes a second of one address, that is, its new connections where TLS is spoken; four
    /// times as many may come at once. 100: each takes the server's one thread some 1 ms. Without TLS
    /// a connection costs next to nothing. 0: any number. Beyond it: a new connection is closed at once.
    package var handshakesPerSecond = 100
    /// Whether all three hold for this machine's own address too. Not by default: proxies that carry many
    /// clients run here, and whoever else does has other ways to use the machine up.
    package var limitsLoopback = false
    /// Concurrent requests of one HTTP/2 connection. 128: a page with its live logs takes a dozen.
    /// Beyond it: the client waits; one that does not is disconnected.
    package var maxStreams = 128

    /// The time from a connection's opening to the end of its TLS handshake. 10 s, as for a head.
    /// Beyond it: the connection closes.
    package var handshakeTimeout = Duration.seconds(10)
    /// The time from a request's first byte (or the connection's opening) to the end of its head.
    /// 10 s: what a slow client needs, not what a slow attack wants. Beyond it: `408`, or a close
    /// where nothing was sent.
    package var headTimeout = Duration.seconds(10)
    /// The longest silence while a request's body arrives. 20 s. Beyond it: `408`.
    package var bodyTimeout = Duration.seconds(20)
    /// The time from the end of a request's head to the end of its body. 60 s: 1 MiB at 17 KiB a
    /// second. Beyond it: `408`, however steadily it drips in.
    package var wholeBodyTimeout = Duration.seconds(60)
    /// How long a connection may wait for its next request. 75 s, longer than the usual proxy's
    /// 60, so that it is the proxy who closes. Beyond it: the connection closes.
    package var idleTimeout = Duration.seconds(75)
    /// How long a client may take nothing at all of what is sent to it. 5 min: some people read a
    /// log in a pager. Beyond it: the connection is reset, or the HTTP/2 stream where the others go
    /// on; a client that reads again sees an error, not an end.
    package var stallTimeout = Duration.seconds(300)
    /// What a WebSocket client is told that took nothing for ``stallTimeout``, or answered no ping
    /// for ``pongTimeout``, should it read again within ``stallTimeout``. Beyond that its connection
    /// is closed.
    package var stallClose: (code: UInt16, reason: String) = (1008, "nothing was read for too long")
    /// Whether WebSocket messages are compressed (permessage-deflate) for clients that offer it. Each
    /// message is compressed once for all, within a quarter of the server's time; beyond that it is
    /// sent as it is.
    package var deflatesWebSockets = true
    /// The silence after which a WebSocket is pinged. 30 s, under the 60 after which load
    /// balancers drop a quiet connection.
    package var pingInterval = Duration.seconds(30)
    /// How long a pinged client may stay silent. 20 s. Beyond it: the session ends, see
    /// ``stallClose``.
    package var pongTimeout = Duration.seconds(20)
    /// How long the server waits for the client's half of a close: the close frame it owes, or the
    /// end of what it was still sending. 2 s. Beyond it: the connection closes.
    package var closeTimeout = Duration.seconds(2)

    /// Header fields of the errors that the server answers by itself. None by default.
    package var errorFields: [HeaderField] = []
    /// Makes the body of an error that the server answers by itself (400, 408, 413, 417, 426, 429,
    /// 431, 500, 501, 503, 505), from its status and message. Plain text by default.
    package var errorBody: @Sendable (Int, String) -> (contentType: String, body: [UInt8]) = {
        status, message in
        (
            "text/plain; charset=utf-8",
            Array("\(status) \(StatusText.of(status)): \(message)\n".utf8)
        )
    }

    /// Makes the default settings.
    package init() {}
}

extension Duration {
    /// The duration in whole milliseconds, at least 1.
    var milliseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(max(1, seconds * 1_000 + attoseconds / 1_000_000_000_000_000))
    }
}
