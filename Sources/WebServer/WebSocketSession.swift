package import ByteBlocks

/// The server's side of one WebSocket, from its opening to its end.
///
/// The server calls it on its one thread, so nothing here may block or hold a lock for long.
package protocol WebSocketSession: AnyObject, Sendable {
    /// Called once, before anything else but the ``closed()`` of a session whose client went while
    /// it was decided on. `wake` leads to a pull whenever it is used, from any
    /// thread.
    func opened(_ wake: SocketWake)
    /// Called for each whole message, of at most `maxMessageBytes`.
    func received(_ message: WebSocketMessage)
    /// Called when the socket can take more; after ``FramePull/wait`` only once `wake` was used.
    func pull() -> FramePull
    /// Called exactly once, whatever ended the session.
    func closed()
}

/// A message from a client, its fragments joined.
package enum WebSocketMessage: Sendable, Equatable {
    /// A text message; always valid UTF-8.
    case text(String)
    /// A binary message.
    case binary([UInt8])
}

/// A session's answer to a pull.
package enum FramePull: Sendable {
    /// A text message, sent as one frame from the block itself. It must be UTF-8.
    case text(ByteBlock)
    /// A binary message, sent as one frame from the block itself.
    case binary(ByteBlock)
    /// Nothing yet: pull again after a wake.
    case wait
    /// The session is over: a close frame with this code and reason (at most 123 bytes of UTF-8,
    /// cut there) is sent, and nothing after it.
    case close(code: UInt16, reason: String)
}
