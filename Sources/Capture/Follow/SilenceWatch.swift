/// Decides when a body that has gone silent is given up and opened again: a pure value.
///
/// Kubelets before 1.29 do not follow across a rotation: the body stays open and nothing comes any
/// more, while the container writes into the next file. Only the newest file is ever served, so the
/// silence must be noticed before that one is rotated too. A container that just has nothing to say
/// looks the same, so the questions become rarer: after 3 s, 6 s, 12 s … up to 5 min of silence.
/// A log that is too short to have been rotated is never asked about.
struct SilenceWatch: Sendable {
    /// Bytes of new lines from which on a rotation is thought possible: 48 KiB. The smallest file
    /// size that clusters are seen to use is 64 KiB, and the file holds more than the lines.
    static let floorBytes = 48 << 10
    /// The first silence that is not taken for one of the container: 3 s.
    static let shortest: Duration = .seconds(3)
    /// The longest time between two questions: 5 min.
    static let longest: Duration = .seconds(300)

    private var bytes: Int
    private var patience = Self.shortest
    private var since: ContinuousClock.Instant?

    /// A watch over a log of which `bytes` are stored already.
    init(bytes: Int = 0) {
        self.bytes = bytes
    }

    /// A body was opened, which may bring what an earlier one did not.
    mutating func opened(at now: ContinuousClock.Instant) {
        since = now
    }

    /// New lines have come.
    mutating func arrived(bytes count: Int, at now: ContinuousClock.Instant) {
        bytes += count
        patience = Self.shortest
        since = now
    }

    /// A body was given up for its silence: the next one is given more time.
    mutating func gaveUp() {
        patience = min(patience * 2, Self.longest)
    }

    /// When the body is to be given up; `nil` while the log cannot have been rotated.
    var deadline: ContinuousClock.Instant? {
        guard bytes >= Self.floorBytes, let since else { return nil }
        return since + patience
    }
}
