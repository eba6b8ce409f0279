/// Why an attempt to deliver an event has failed. Every failure is tried again: whether an event
/// can be dropped is not for the sender to say.
struct DeliveryFailure: Error, Sendable, Equatable {
    /// What tells one trouble from another: a trouble that goes on is logged once.
    enum Kind: Hashable, Sendable {
        /// The target answered with this status.
        case status(Int)
        /// No answer came; the client's name for it.
        case transport(String)
        /// The event could not be read or signed here.
        case local
    }

    /// The kind of trouble.
    var kind: Kind
    /// What happened, in words, without secrets.
    var reason: String
    /// How long the target asked to be left alone.
    var retryAfter: Duration?

    init(_ kind: Kind, _ reason: String, retryAfter: Duration? = nil) {
        self.kind = kind
        self.reason = reason
        self.retryAfter = retryAfter
    }

    /// What a status that is not 2xx means.
    static func status(
        _ status: Int, location: String?, retryAfter: Duration?
    ) -> DeliveryFailure {
        let reason =
            switch status {
            case 300..<400:
                "the target answered \(status), a redirect"
                    + (location.map { " to \($0.prefix { $0 != "?" })" } ?? "")
                    + "; redirects are not followed: set the url to where it leads"
            case 401, 403:
                "the target answered \(status): it refuses the sender; is its secret the same?"
            case 410:
                "the target answered 410, it is gone; it is tried again until the settings change"
            default: "the target answered \(status)"
            }
        return DeliveryFailure(.status(status), reason, retryAfter: retryAfter)
    }
}
