package import LogModel

/// Where a simulated cluster gets the time from: the system, or a test.
package protocol SimulatedClock: Sendable {
    /// The present time.
    var now: LogTime { get }
}
