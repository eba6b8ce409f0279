import LogModel

/// The time by which ages are told: the clock's, but one that jumps ahead is followed an hour a pass.
///
/// A clock that is wrong by weeks for a moment would have all that is kept deleted at once. So there
/// are some hours to set it right; set back, it is followed at once. At the start it must be believed.
struct RetentionTime {
    /// How far the time goes on from one pass to the next at most, 1 h: sixty times what passes.
    static let longestStep: Duration = .seconds(3_600)

    private var last: LogTime?

    /// The time of the next pass, at which the clock says `now`.
    mutating func next(_ now: LogTime) -> LogTime {
        let time = last.map { min(now, $0 + Self.longestStep) } ?? now
        last = time
        return time
    }
}
