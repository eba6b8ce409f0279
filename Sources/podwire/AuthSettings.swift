/// Who decides who may see what.
struct AuthSettings: Sendable {
    /// Who is asked.
    enum Mode: String, Sendable, CaseIterable {
        /// Nobody: everybody may do everything. On loopback alone.
        case none
        /// The Kubernetes API, by reviews.
        case kubernetes
        /// A file of tokens.
        case `static`
    }

    /// Who is asked.
    var mode: Mode
    /// The file of tokens, for ``Mode/static``.
    var tokensFile: String?
    /// How long a decision counts, and how often followers are looked at again.
    var recheck: Duration
}
