package import Store

/// One thing that must be right for the daemon to be ready.
package struct ReadinessCheck: Sendable {
    /// What is checked, in a word: `store`, `watch`.
    package let name: String
    /// Why it is not right; `nil` when it is.
    package let failure: @Sendable () async -> String?

    /// Names a check.
    package init(_ name: String, failure: @escaping @Sendable () async -> String?) {
        self.name = name
        self.failure = failure
    }

    /// Whether the store can be written.
    package static func store(_ store: Store) -> ReadinessCheck {
        ReadinessCheck("store") {
            let health = store.health
            return health.isWritable ? nil : health.lastError ?? "it cannot be written"
        }
    }
}
