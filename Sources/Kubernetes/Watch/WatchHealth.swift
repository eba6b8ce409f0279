/// Whether what a ``ResourceWatcher`` has told is complete and current.
package struct WatchHealth: Sendable, Equatable {
    /// Every scope was listed, and its watch has not failed several times in a row since; or the
    /// observer knows that there is nothing to list.
    package var synced: Bool
    /// What went wrong last; `nil` again as soon as it works.
    package var lastError: String?

    /// Describes a state.
    package init(synced: Bool = false, lastError: String? = nil) {
        self.synced = synced
        self.lastError = lastError
    }
}
