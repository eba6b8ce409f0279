import Glibc
package import LogModel

/// The system's time of day.
package enum SystemTime {
    /// Now, in nanoseconds since 1970.
    package static let now: @Sendable () -> LogTime = {
        var time = timespec()
        // Fails only for a clock that does not exist.
        _ = clock_gettime(CLOCK_REALTIME, &time)
        return LogTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
