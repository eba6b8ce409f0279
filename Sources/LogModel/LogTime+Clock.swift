#if canImport(Glibc)
    import Glibc
#endif

extension LogTime {
    /// The wall clock's time.
    package static var now: LogTime {
        var spec = timespec()
        let result = unsafe clock_gettime(CLOCK_REALTIME, &spec)
        precondition(result == 0, "the real-time clock is always there")
        return LogTime(nanoseconds: Int64(spec.tv_sec) * 1_000_000_000 + Int64(spec.tv_nsec))
    }
}
