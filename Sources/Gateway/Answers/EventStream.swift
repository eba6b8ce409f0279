import WebServer

/// Server-sent events, the event stream of HTML.
enum EventStream {
    /// Its media type.
    static let contentType = "text/event-stream"

    /// Whether the client asks for one.
    static func isAccepted(by request: ServerRequest) -> Bool {
        guard let accept = request.header("Accept")?.lowercased() else { return false }
        return accept.split(separator: ",").contains { range in
            let type = range.split(separator: ";").first ?? ""
            return type.filter { !$0.isWhitespace } == contentType
        }
    }

    /// The number that a reconnecting client saw last, from `Last-Event-ID`; `nil` when there is
    /// none, or one that is not ours.
    static func lastEventID(of request: ServerRequest) -> Int64? {
        guard let id = request.header("Last-Event-ID").flatMap(Int64.init), id >= 0, id < .max
        else { return nil }
        return id
    }

    /// The event that says why a stream ends before its time, and whether to connect again.
    static func close(_ code: CloseCode, reason: String) -> [UInt8] {
        let closing = Closing(code: code.rawValue, reason: reason, reconnect: code.reconnect)
        return event(
            "close", data: String(decoding: JSONAnswer.encode(closing).dropLast(), as: UTF8.self))
    }

    /// The data of the event `close`.
    private struct Closing: Encodable {
        let code: UInt16
        let reason: String
        let reconnect: Bool
    }

    /// A named event; `data` is one line.
    static func event(_ name: String, data: String) -> [UInt8] {
        Array("event: \(name)\ndata: \(data)\n\n".utf8)
    }
}
