/// How long to wait before the next attempt: doubling from the initial to the maximum delay.
///
/// Each delay is drawn evenly between half of the step and the step, so that many who failed at the
/// same moment do not come back at the same moment.
package struct Backoff: Sendable {
    private let initial: Duration
    private let maximum: Duration
    private var step: Duration

    /// Delays from `initial / 2 … initial` up to `maximum / 2 … maximum`.
    package init(initial: Duration, maximum: Duration) {
        precondition(initial > .zero && maximum >= initial, "0 < initial <= maximum")
        self.initial = initial
        self.maximum = maximum
        step = initial
    }

    /// The delay before the next attempt.
    package mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let delay = step / 2 + step / 2 * Double.random(in: 0...1, using: &generator)
        step = min(step * 2, maximum)
        return delay
    }

    /// Starts again at the initial delay: call it when an attempt has proven itself.
    package mutating func reset() {
        step = initial
    }
}
