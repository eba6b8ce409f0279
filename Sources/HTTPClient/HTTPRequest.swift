/// The request methods that Podwire uses.
package enum HTTPMethod: String, Sendable {
    /// Reads a resource.
    case get = "GET"
    /// Creates a resource, or delivers a webhook.
    case post = "POST"
    /// Replaces a resource.
    case put = "PUT"
    /// Removes a resource.
    case delete = "DELETE"
    /// Changes a part of a resource.
    case patch = "PATCH"
    /// Reads a resource's head alone.
    case head = "HEAD"
}

/// One header field, in the order it was sent or received.
package struct HTTPField: Sendable, Equatable {
    /// The field's name as written; names are compared without regard to case.
    package var name: String
    /// The field's value, without surrounding blanks.
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// How long each part of a transfer may take.
///
/// Reaching a limit ends the transfer with the `timeout…` code of that limit.
package struct HTTPTimeouts: Sendable, Equatable {
    /// For name resolution, connection and TLS handshake together, when a connection is opened for
    /// this transfer. Default 10 s.
    package var connect: Duration = .seconds(10)
    /// From the call of `send` to the end of the final response head, connecting and waiting for a
    /// free stream included. Default 30 s; nil: no limit.
    package var responseHead: Duration? = .seconds(30)
    /// The longest silence inside the body. Time during which the transfer is held back because
    /// its reader is slow does not count. Default nil: no limit.
    package var idle: Duration?
    /// From the call of `send` to the end of the body. Default nil: no limit.
    package var total: Duration?

    package init(
        connect: Duration = .seconds(10), responseHead: Duration? = .seconds(30),
        idle: Duration? = nil, total: Duration? = nil
    ) {
        self.connect = connect
        self.responseHead = responseHead
        self.idle = idle
        self.total = total
    }
}

/// What is asked of a server.
package struct HTTPRequest: Sendable {
    /// Default GET.
    package var method: HTTPMethod = .get
    /// An absolute `http` or `https` URL, already percent-encoded; it is sent as it is.
    package var url: String
    /// Header fields to send. `Host`, `Content-Length` and `Accept: */*` are added where missing.
    package var fields: [HTTPField] = []
    /// The body, sent with its length. A body on GET or HEAD is refused.
    package var body: [UInt8]?
    /// TLS and proxy.
    package var transport = HTTPTransport()
    /// Limits in time.
    package var timeouts = HTTPTimeouts()
    /// How many undelivered body bytes make the transfer wait for its reader. Default 1 MiB.
    ///
    /// At the bound the transfer is held back, and goes on when its reader has taken the bytes.
    /// What one transfer can occupy is this bound, plus the chunk that reached it, plus libcurl's
    /// own receive buffer (both at most ``HTTPClientSettings/receiveBufferBytes``, 16 KiB a chunk).
    ///
    /// Over HTTP/1.1 the socket is then no longer read, and TCP holds the server back. Over HTTP/2
    /// the stream's window is closed, but what the server may already send (libcurl 7.88 grants
    /// 32 MiB a stream) still arrives; when it exceeds the receive buffer, libcurl stops reading
    /// the connection, and **the other transfers of that connection wait too** until this one is
    /// taken or cancelled. Do not hold a shared HTTP/2 transfer back for long: cut it and resume,
    /// or give it ``ownConnection``.
    package var bodyLimit = 1 << 20
    /// A connection for this transfer alone: opened for it, HTTP/1.1, closed behind it. Nothing
    /// that happens to another transfer can delay it.
    package var ownConnection = false
    /// Follow up to ten redirects. Default false: a redirect is a response like any other.
    package var followRedirects = false

    package init(
        method: HTTPMethod = .get, url: String, fields: [HTTPField] = [], body: [UInt8]? = nil,
        transport: HTTPTransport = HTTPTransport(), timeouts: HTTPTimeouts = HTTPTimeouts(),
        bodyLimit: Int = 1 << 20, ownConnection: Bool = false
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
        self.transport = transport
        self.timeouts = timeouts
        self.bodyLimit = bodyLimit
        self.ownConnection = ownConnection
    }
}
