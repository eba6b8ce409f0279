package import LogModel

/// The system's real-time clock.
package struct SystemClock: SimulatedClock {
    /// Makes the clock.
    package init() {}

    package var now: LogTime { .now }
}
