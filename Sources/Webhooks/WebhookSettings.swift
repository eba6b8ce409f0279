package import Store

/// One target that events are delivered to.
package struct WebhookSettings: Sendable, Equatable {
    /// Names the target in the log, and its position in the store: a target that gets another
    /// address goes on where it was, one that gets another name begins anew.
    package var name: String
    /// Where events are posted to, `http` or `https`.
    package var url: String
    /// Which events it wants.
    package var filter: EventFilter
    /// The file with the key of the signatures, see ``WebhookSecret``. Read at each attempt.
    package var secretFile: String
    /// How long one attempt may take, from connecting to the end of the answer; 10 s. Beyond it the
    /// attempt has failed, although the target may have taken the event.
    package var timeout: Duration
    /// Certificates to trust, PEM; `nil`: the system's.
    package var caCertificates: [UInt8]?

    /// Describes a target.
    package init(
        name: String, url: String, filter: EventFilter = EventFilter(), secretFile: String,
        timeout: Duration = .seconds(10), caCertificates: [UInt8]? = nil
    ) {
        self.name = name
        self.url = url
        self.filter = filter
        self.secretFile = secretFile
        self.timeout = timeout
        self.caCertificates = caCertificates
    }
}
