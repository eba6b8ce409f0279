/// How long what the store has is kept.
package struct RetentionSettings: Sendable, Equatable {
    /// How long events are kept, 7 d. Readers that are further behind get `410`.
    package var keepEventsFor: Duration = .seconds(7 * 86_400)
    /// How many events are kept at most, 10 million: some 4 GiB. Beyond it the oldest go.
    package var maxEvents: Int64 = 10_000_000
    /// How long the log of a container is kept behind its end, 14 d. Then it answers `410`.
    package var keepLogsFor: Duration = .seconds(14 * 86_400)
    /// Bytes of the database in use, beyond which the logs that ended first go; `nil`: no limit.
    package var maxBytes: Int64?

    /// The defaults.
    package init() {}
}
