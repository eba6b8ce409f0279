/// A part of a request's query.
package struct QueryItem: Sendable, Equatable {
    /// The name, percent-decoded.
    package var name: String
    /// The value, percent-decoded; nil where the query has the name alone (`?follow`).
    package var value: String?

    /// Makes a part of a query.
    package init(_ name: String, _ value: String?) {
        self.name = name
        self.value = value
    }
}

/// A complete request: its head, its whole body (bounded by the settings) and who sent it.
package struct ServerRequest: Sendable {
    /// The method, as sent: methods are case-sensitive.
    package let method: String
    /// The path as sent, still percent-encoded, without the query.
    package let path: String
    /// The path's segments, percent-decoded, without empty ones.
    ///
    /// None is `.` or `..`, and none has a slash or a NUL in it: such requests get `400`.
    package let segments: [String]
    /// The query, in order.
    package let query: [QueryItem]
    /// Every header field that was sent, in order.
    package let fields: [HeaderField]
    /// The body; empty for a WebSocket upgrade.
    package let body: [UInt8]
    /// The peer's numeric address, without port.
    package let remoteAddress: String
    /// Whether it came over TLS.
    package let isSecure: Bool
    /// The subprotocols that a WebSocket client offers, in its order of preference.
    package let subprotocols: [String]

    /// Makes a request, for the server and for tests of handlers.
    package init(
        method: String = "GET", target: String, fields: [HeaderField] = [], body: [UInt8] = [],
        remoteAddress: String = "127.0.0.1", isSecure: Bool = false
    ) throws(RequestFailure) {
        let parsed = try RequestTarget(target)
        self.method = method
        path = parsed.path
        segments = parsed.segments
        query = parsed.query
        self.fields = fields
        self.body = body
        self.remoteAddress = remoteAddress
        self.isSecure = isSecure
        subprotocols = fields.list("Sec-WebSocket-Protocol")
    }

    /// The first value of the header field `name`, whatever its case.
    package func header(_ name: String) -> String? {
        fields.first(name)
    }

    /// The first value of `name` in the query: nil where the name is absent, `.some(nil)` where it
    /// has no value.
    package func query(_ name: String) -> String?? {
        guard let item = query.first(where: { $0.name == name }) else { return nil }
        return .some(item.value)
    }
}
