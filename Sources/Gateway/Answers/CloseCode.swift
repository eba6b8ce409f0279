import Access

/// Why Podwire closes a WebSocket, and whether to connect again.
///
/// | code | meaning | connect again? |
/// | --- | --- | --- |
/// | 1000 | the end of what was asked for; a followed stream has ended | no |
/// | 1001 | the daemon goes down | yes, from the last position, with back-off |
/// | 4400 | a parameter is wrong; the reason names it | no |
/// | 4401 | the token does not count any more | no: with a new token |
/// | 4403 | the right to see this was withdrawn | no |
/// | 4404 | there is no such Pod, container or attempt | no |
/// | 4409 | another connection of the same consumer has taken over | no |
/// | 4410 | the position is older than what is kept; the reason names the oldest | no: ask anew |
/// | 4500 | the store could not be read | yes, from the last position, with back-off |
/// | 4502 | nobody could be asked for 5 minutes whether the reader may stay | yes, with back-off |
/// | 4503 | the consumer was changed | yes: the position is kept |
/// | 4508 | the reader accepted nothing for too long | yes, from the last position |
///
/// So 4400 to 4499 say that the same request would get the same answer, and 4500 to 4599 that it
/// may well succeed.
package enum CloseCode: UInt16, Sendable, CaseIterable {
    /// The end of what was asked for.
    case end = 1000
    /// The daemon goes down.
    case goingAway = 1001
    /// A parameter is wrong.
    case badRequest = 4400
    /// The token does not count any more.
    case unauthorized = 4401
    /// The right was withdrawn.
    case forbidden = 4403
    /// Nothing there.
    case notFound = 4404
    /// Another connection has taken over.
    case takenOver = 4409
    /// Older than what is kept.
    case gone = 4410
    /// The store could not be read.
    case storeFailed = 4500
    /// Whether the reader may stay could not be found out.
    case unreviewed = 4502
    /// What was asked for was changed.
    case changed = 4503
    /// The reader accepts nothing.
    case slow = 4508

    /// Whether the same client should connect again from its last position.
    package var reconnect: Bool {
        switch self {
        case .goingAway, .storeFailed, .unreviewed, .changed, .slow: true
        case .end, .badRequest, .unauthorized, .forbidden, .notFound, .takenOver, .gone: false
        }
    }

    /// The code that says over WebSocket what `status` says over HTTP.
    init(_ status: StatusResponse) {
        self =
            switch status.code {
            case 401: .unauthorized
            case 403: .forbidden
            case 404: .notFound
            // A consumer that was changed while it was being connected.
            case 409: .changed
            case 410: .gone
            case 500...: .storeFailed
            default: .badRequest
            }
    }

    /// The code that says why somebody may not stay.
    init(_ error: AccessError) {
        self =
            switch error {
            case .noCredentials, .unknownToken, .unknownTicket: .unauthorized
            case .forbidden, .tooManyNamespaces: .forbidden
            case .unavailable: .unreviewed
            }
    }

    /// The longest reason that fits a close frame, in bytes.
    static let reasonLimit = 123

    /// `text`, cut between characters to what fits a close frame.
    static func reason(_ text: String) -> String {
        var rest = Substring(text)
        while rest.utf8.count > reasonLimit { rest.removeLast() }
        return String(rest)
    }
}
