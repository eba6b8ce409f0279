/// Whether the store can be written, for `/readyz`.
package struct StoreHealth: Sendable, Equatable {
    /// Whether the last commit succeeded.
    package var isWritable: Bool
    /// Why the last commit failed, as SQLite says it; `nil` while all is well.
    package var lastError: String?
    /// Bytes of lines that wait to be committed.
    package var queuedBytes: Int
}
