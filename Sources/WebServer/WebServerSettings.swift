/// The settings of a server. Every limit names its unit, its reason, and what happens beyond it.
package struct WebServerSettings: Sendable {
    /// The address to listen on, a name or a number. Loopback by default: closed by default.
    package var address = "127.0.0.1"
    /// The TCP port; 0 lets the system pick one, see ``WebServer/port``.
    package var port = 0

    /// Bytes of a request's head. 32 KiB takes the largest bearer tokens and cookies in use and
    /// bounds what a client costs before it is known. Beyond it: `431`, and the connection closes.
    package var maxHeaderBytes = 32 << 10
    /// Bytes of a request's body. 1 MiB, the largest value that a client may declare. Beyond it:
    /// `413`, and the connection closes.
    package var maxBodyBytes = 1 << 20
    /// Bytes of a WebSocket message, its fragments joined. 1 MiB, as for bodies. Beyond it: the
    /// WebSocket closes with code 1009.
    package var maxMessageBytes = 1 << 20
    /// Open connections. 16,384: some 100 MiB of kernel and server memory when all are idle.
    /// Beyond it: new clients wait in the listening socket's queue until one closes.
    package var maxConnections = 16_384

    /// The time from a request's first byte (or the connection's opening) to the end of its head.
    /// 10 s: what a slow client needs, not what a slow attack wants. Beyond it: `408`, or a close
    /// where nothing was sent.
    package var headTimeout = Duration.seconds(10)
    /// The longest silence while a request's body arrives. 20 s. Beyond it: `408`.
    package var bodyTimeout = Duration.seconds(20)
    /// How long a connection may wait for its next request. 75 s, longer than the usual proxy's
    /// 60, so that it is the proxy who closes. Beyond it: the connection closes.
    package var idleTimeout = Duration.seconds(75)
    /// The silence after which a WebSocket is pinged. 30 s, under the 60 after which load
    /// balancers drop a quiet connection.
    package var pingInterval = Duration.seconds(30)
    /// How long a pinged client may stay silent. 20 s. Beyond it: the connection closes.
    package var pongTimeout = Duration.seconds(20)
    /// How long the server waits for the client's half of a close: the close frame it owes, or the
    /// end of what it was still sending. 2 s. Beyond it: the connection closes.
    package var closeTimeout = Duration.seconds(2)

    /// Makes the body of an error that the server answers by itself (400, 408, 413, 417, 426, 431,
    /// 500, 501, 505), from its status and message. Plain text by default.
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
