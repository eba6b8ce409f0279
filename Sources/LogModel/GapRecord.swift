/// An entry of a stream that says: here lines are missing, or may be.
///
/// A gap has a line number of its own and is shown to every reader as one line of text. It is never
/// parsed for outputs.
package struct GapRecord: Hashable, Sendable {
    /// Whether lines are missing for sure, or whether it only cannot be proven that none are.
    package enum Certainty: String, Sendable {
        /// Lines are missing.
        case certain
        /// Continuity cannot be proven.
        case possible
    }

    /// How sure it is.
    package let certainty: Certainty
    /// The timestamp of the last line before the gap; `nil` at the start of a stream.
    package let from: LogTime?
    /// The timestamp of the first line behind the gap, or when the gap was found.
    package let to: LogTime
    /// Why, in words for a person.
    package let reason: String

    /// Describes a gap.
    package init(certainty: Certainty, from: LogTime?, to: LogTime, reason: String) {
        self.certainty = certainty
        self.from = from
        self.to = to
        self.reason = reason
    }

    /// The line of text that readers see, without its newline.
    package var text: String {
        let what = certainty == .certain ? "lines missing" : "lines may be missing"
        let start = from.map(\.description) ?? "the start"
        return "--- podwire: \(what) between \(start) and \(to): \(reason) ---"
    }
}
