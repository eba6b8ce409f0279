/// One request on an HTTP/2 connection, and its response. Owned by the server thread.
final class HTTP2Stream {
    enum Phase {
        /// The request arrives. Can transition to responding and sending.
        case receiving
        /// A handler has the request. Can transition to sending.
        case responding(Task<Void, Never>)
        /// The response goes out.
        case sending(HTTP2Body)
    }

    let id: HTTP2StreamID
    /// What the body's source is woken with.
    let ticket: WakeTicket
    var phase = Phase.receiving
    var head = HTTP2RequestHead()
    var body: [UInt8] = []
    var isHeadComplete = false
    /// When the present phase is over, in the loop's milliseconds.
    var deadline: UInt64
    /// When the request's body must be complete.
    var bodyDeadline: UInt64 = .max
    /// Bytes of its head and body that count in the server's budget, until it is answered.
    var countedBytes = 0

    init(_ id: HTTP2StreamID, on connection: ConnectionID, deadline: UInt64) {
        self.id = id
        self.deadline = deadline
        ticket = WakeTicket(connection, stream: id)
    }

    /// Tells everything that works for the stream that it is over.
    func close() {
        switch phase {
        case .receiving: break
        case .responding(let task): task.cancel()
        case .sending(let body): body.close()
        }
    }
}
