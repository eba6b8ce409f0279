package import WebServer

/// The header fields that keep a browser from doing with an answer what was not meant.
///
/// Added to every answer that does not set them itself: data is not kept, not guessed to be a script,
/// not shown in a frame and not read by pages of other origins. Where the connection is encrypted,
/// the browser is told to come back to that name only so. Not to `localhost`: what a browser is told
/// of a name holds for all of its ports, and there other people's servers are.
package enum SecurityHeaders {
    /// Those of every answer, also of the server's own.
    package static let fields = [
        HeaderField("Cache-Control", "no-store"),
        HeaderField("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        HeaderField("X-Content-Type-Options", "nosniff"),
        HeaderField("X-Frame-Options", "DENY"),
        HeaderField("Referrer-Policy", "no-referrer"),
        HeaderField("Cross-Origin-Resource-Policy", "same-origin"),
        HeaderField("Cross-Origin-Opener-Policy", "same-origin"),
        HeaderField(
            "Permissions-Policy",
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ]
    /// A year, as browsers expect before they believe it.
    private static let transportSecurity = HeaderField(
        "Strict-Transport-Security", "max-age=31536000")

    /// `response` with the fields that it lacks.
    static func adding(
        to response: ServerResponse, for request: ServerRequest
    ) -> ServerResponse {
        switch response {
        case .full(let head, let body): .full(adding(to: head, for: request), body: body)
        case .stream(let head, let source):
            .stream(adding(to: head, for: request), source: source)
        case .sized(let head, let length, let source):
            .sized(adding(to: head, for: request), length: length, source: source)
        }
    }

    /// `head` with the fields that it lacks.
    static func adding(to head: ResponseHead, for request: ServerRequest) -> ResponseHead {
        var head = head
        let known = Set(head.fields.map { $0.name.lowercased() })
        head.fields += fields.filter { !known.contains($0.name.lowercased()) }
        if request.isSecure, isPublicName(request) { head.fields.append(transportSecurity) }
        return head
    }

    private static func isPublicName(_ request: ServerRequest) -> Bool {
        guard let host = request.header("Host").flatMap(Authority.init) else { return false }
        return !host.isLoopback && !host.isAddress
    }
}
