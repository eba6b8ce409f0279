package import ByteBlocks

/// A response's status and header fields.
///
/// The server adds `Date`, `Connection`, `Content-Length` and `Transfer-Encoding`; where they are
/// among the fields they are replaced. A control character in a value is sent as a space.
package struct ResponseHead: Sendable, Equatable {
    /// The status, 200 to 599.
    package var status: Int
    /// The header fields, in the order they are sent.
    package var fields: [HeaderField]

    /// Makes a head.
    package init(status: Int, fields: [HeaderField] = []) {
        self.status = status
        self.fields = fields
    }
}

/// What a handler answers.
package enum ServerResponse: Sendable {
    /// A whole body, sent with its `Content-Length`. The answer to `HEAD` leaves the body out.
    case full(ResponseHead, body: [UInt8])
    /// A body of unknown length: chunked in HTTP/1.1, framed in HTTP/2, so that a cut is never a
    /// clean end. For an
    /// HTTP/1.0 client it ends with the connection, and a cut resets the connection.
    case stream(ResponseHead, source: any BodySource)
    /// A body of known length. A source that ends early or goes on for longer is cut.
    case sized(ResponseHead, length: Int, source: any BodySource)

    /// The status and header fields.
    var head: ResponseHead {
        switch self {
        case .full(let head, _), .stream(let head, _), .sized(let head, _, _): head
        }
    }

    /// The source that must be told when the response is over, also of one that is not given to the
    /// server.
    package var source: (any BodySource)? {
        switch self {
        case .full: nil
        case .stream(_, let source), .sized(_, _, let source): source
        }
    }
}

/// A response body that the server pulls, block by block, as the socket takes more.
///
/// A reader is a position, not a queue: the source keeps where it is and hands out shared blocks.
/// The server calls it on its one thread, so nothing here may block or hold a lock for long.
package protocol BodySource: AnyObject, Sendable {
    /// Called before the first pull. `wake` leads to a pull whenever it is used, from any thread.
    func opened(_ wake: SocketWake)
    /// Called when the socket can take more; after ``BodyPull/wait`` only once `wake` was used.
    func pull() -> BodyPull
    /// Called exactly once, whatever ended the response. It is the only call for a response that
    /// never reached its client, and then comes from another thread if the server has stopped.
    func closed()
}

/// A source's answer to a pull.
package enum BodyPull: Sendable {
    /// The next bytes. They are sent from the block itself; an empty block is passed over.
    case bytes(ByteBlock)
    /// Nothing yet: pull again after a wake.
    case wait
    /// The body is complete.
    case end
    /// The body cannot be completed: the connection, or the HTTP/2 stream, is cut so that the client
    /// sees an error.
    case abort
}
