extension Duration {
    /// The duration in nanoseconds, rounded towards zero.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}

extension LogTime {
    package static func + (time: LogTime, duration: Duration) -> LogTime {
        LogTime(nanoseconds: time.nanoseconds + duration.nanoseconds)
    }

    package static func - (time: LogTime, duration: Duration) -> LogTime {
        LogTime(nanoseconds: time.nanoseconds - duration.nanoseconds)
    }

    /// The time between two times; more than 292 years, which a wrong clock may claim, are 292.
    package static func - (later: LogTime, earlier: LogTime) -> Duration {
        let (difference, isTooLong) = later.nanoseconds.subtractingReportingOverflow(
            earlier.nanoseconds)
        guard isTooLong else { return .nanoseconds(difference) }
        return .nanoseconds(later > earlier ? Int64.max : Int64.min)
    }

    /// The time as Kubernetes writes it into objects: RFC 3339 with whole seconds.
    package var wholeSecondsText: String { description.prefix(19) + "Z" }
}
