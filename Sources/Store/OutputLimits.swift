/// How much one job can put out, so that a job cannot fill the database or a reader's memory.
package enum OutputLimits {
    /// Keys of one job, 10,000. An output line with a further key is rejected; known keys still get
    /// new values.
    package static let keys = 10_000
    /// Bytes of a job's keys and last values together, 64 MiB. An output line that would go beyond it
    /// is rejected, and the value before it stays.
    package static let bytes = 64 << 20
    /// Rejected lines of one job that are kept with line number and reason, 1,000: the first ones.
    /// All are counted.
    package static let rejectedRows = 1_000
    /// Bytes of keys and values in an end event, 1 MiB. Beyond it the largest values are left out,
    /// and their keys are named: every reader of the feed gets this event.
    package static let endEventBytes = 1 << 20
}

/// A job's outputs as far as they fit into a bound.
package struct BoundedOutputs: Sendable {
    /// The outputs that fit, by key.
    package var outputs: [OutputRow] = []
    /// The keys of those that do not, the larger ones, in order.
    package var omitted: [String] = []
}
