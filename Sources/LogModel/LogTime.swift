/// A point in time in nanoseconds since 1970-01-01T00:00:00Z, as the kubelet stamps lines.
///
/// Leap seconds do not exist here, as they do not in the kubelet. The range is 1677 to 2262.
package struct LogTime: Hashable, Comparable, Sendable, Codable {
    /// Nanoseconds since the Unix epoch.
    package let nanoseconds: Int64

    /// A time from nanoseconds since the Unix epoch.
    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// A time from whole seconds since the Unix epoch.
    package init(seconds: Int64) {
        self.nanoseconds = seconds * 1_000_000_000
    }

    /// The whole second that this time lies in, rounded towards the past.
    package var wholeSeconds: Int64 {
        nanoseconds >= 0
            ? nanoseconds / 1_000_000_000 : (nanoseconds - 999_999_999) / 1_000_000_000
    }

    package static func < (a: LogTime, b: LogTime) -> Bool { a.nanoseconds < b.nanoseconds }
}
