package import LogModel

/// What a replay says about the lines that are stored.
package enum OverlapResult: Sendable {
    /// The replay reached the last stored line: nothing is missing, and `fresh` follows it.
    ///
    /// `startsInside` says that older stored lines were not in the replay: the log was rotated.
    case continues(fresh: [LineBatch], startsInside: Bool)
    /// The replay does not contain the last stored line. Lines may be missing before `fresh`.
    case broken(fresh: [LineBatch])
    /// The replay ended before it reached the last stored line. It says nothing.
    case unfinished
    /// The replay had no line at all.
    case silent

    /// The lines that are not stored yet.
    package var fresh: [LineBatch] {
        switch self {
        case .continues(let fresh, _), .broken(let fresh): fresh
        case .unfinished, .silent: []
        }
    }
}
