/// What the server serves.
package protocol RequestHandler: Sendable {
    /// Answers a request, in a task of its own off the server thread.
    ///
    /// The task is cancelled when the client goes away or the server stops; what is returned then
    /// is closed unsent.
    func respond(to request: ServerRequest) async -> ServerResponse

    /// Decides on a WebSocket, in a task of its own off the server thread, as ``respond(to:)`` is.
    ///
    /// Frames that the client sends ahead wait, within ``WebServerSettings`` bounds. A session that
    /// is accepted when the client has gone is closed unopened.
    func upgrade(_ request: ServerRequest) async -> UpgradeDecision
}

/// Whether a WebSocket is opened.
package enum UpgradeDecision: Sendable {
    /// The request is answered as plain HTTP.
    case refuse(ResponseHead, body: [UInt8])
    /// The WebSocket is opened. A subprotocol that the client did not offer is not sent, because
    /// clients then close the connection.
    case accept(subprotocol: String?, any WebSocketSession)
}
