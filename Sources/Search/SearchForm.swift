/// How results are written.
package enum SearchForm: Sendable, Equatable {
    /// As `grep -n` writes them, with each line's time behind its number if that is wanted.
    case text(timestamps: Bool)
    /// One JSON object a line.
    case json

    /// Whether lines are written with their times.
    package var needsTimes: Bool { self != .text(timestamps: false) }
}

/// Which lines are shown beside those that match, and how many.
package struct SearchScope: Sendable, Equatable {
    /// Lines before and behind one that matches, at most 1,000.
    package var before = 0
    /// See ``before``.
    package var after = 0
    /// Lines that match, at most.
    package var limit = Int.max

    /// All lines that match and no others.
    package init() {}
}
