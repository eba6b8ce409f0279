import Glibc

/// The `Date` field's value, made once a second: RFC 9110 section 5.6.7.
struct HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private var second: time_t = -1
    private var text = ""

    /// The present time.
    mutating func now() -> String {
        let second = time(nil)
        if second != self.second {
            self.second = second
            text = Self.format(second)
        }
        return text
    }

    /// The time `second` seconds after 1970 began, in UTC.
    static func format(_ second: time_t) -> String {
        var second = second
        var parts = unsafe tm()
        _ = unsafe gmtime_r(&second, &parts)  // Returns the address of `parts`.
        let day = unsafe "\(days[Int(parts.tm_wday)]), \(pad(parts.tm_mday))"
        let month = unsafe "\(months[Int(parts.tm_mon)]) \(1_900 + parts.tm_year)"
        let time = unsafe "\(pad(parts.tm_hour)):\(pad(parts.tm_min)):\(pad(parts.tm_sec))"
        return "\(day) \(month) \(time) GMT"
    }

    private static func pad(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
