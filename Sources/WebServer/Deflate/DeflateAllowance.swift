/// How much of the server thread's time may go into compression: a pure value, to which time comes
/// in as an argument.
///
/// A quarter of it in the long run, and a tenth of a second at once. Beyond that frames go out as
/// they are, so that a reader who wants them small never makes the others wait.
struct DeflateAllowance {
    /// The part of time that may be used.
    static let share = 4
    /// What may be saved up.
    static let most = Duration.milliseconds(100)

    private var left = most
    private var lastLook: ContinuousClock.Instant?

    /// Whether something may be compressed at `now`.
    mutating func isGranted(at now: ContinuousClock.Instant) -> Bool {
        if let lastLook { left = min(Self.most, left + (now - lastLook) / Self.share) }
        lastLook = now
        return left > .zero
    }

    /// Takes off what a compression took.
    mutating func spend(_ duration: Duration) {
        left -= duration
    }
}
