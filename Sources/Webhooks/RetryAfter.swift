import Foundation

/// The header field `Retry-After` (RFC 9110, 10.2.3): seconds, or a date.
enum RetryAfter {
    /// A target that asks for more is asked again after an hour: a wrong clock or a slip of the pen
    /// must not stop it for good.
    static let longest: Duration = .seconds(3_600)

    /// How long the field's `value` asks to wait.
    ///
    /// - Parameters:
    ///   - value: the field's value.
    ///   - now: seconds since 1970.
    /// - Returns: from zero to ``longest``; `nil` when the value says nothing.
    static func delay(_ value: String, now: Int64) -> Duration? {
        let value = value.trimmingCharacters(in: .whitespaces)
        if !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return Int64(value).map { min(.seconds($0), longest) } ?? longest
        }
        // The three forms of RFC 9110, 5.6.7, the first of which is the one to send.
        let formats = [
            "EEE, dd MMM yyyy HH:mm:ss 'GMT'", "EEEE, dd-MMM-yy HH:mm:ss 'GMT'",
            "EEE MMM d HH:mm:ss yyyy",
        ]
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        for format in formats {
            formatter.dateFormat = format
            guard let date = formatter.date(from: value) else { continue }
            let seconds = date.timeIntervalSince1970 - Double(now)
            return min(max(.seconds(seconds), .zero), longest)
        }
        return nil
    }
}
