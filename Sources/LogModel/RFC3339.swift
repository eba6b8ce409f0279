/// Reads and writes RFC 3339 times at nanosecond precision, straight from and to bytes.
///
/// | part | read | written |
/// | --- | --- | --- |
/// | date and time | `2026-11-23T18:12:07` (`T` or `t`) | the same |
/// | fraction | none, or 1 to 9 digits after a dot | always 9 digits |
/// | zone | `Z`, `z`, `+hh:mm`, `-hh:mm` | `Z` |
///
/// Kubelets write nine digits since Kubernetes 1.19 and trimmed zeros before.
package enum RFC3339 {
    /// The length of a written time: `2026-11-23T18:12:07.123456789Z`.
    package static let writtenLength = 30

    /// Reads a time that starts at `start`.
    ///
    /// - Returns: the time, and the index behind its last byte; `nil` when there is no time there.
    package static func parse(
        _ bytes: UnsafeRawBufferPointer, from start: Int = 0
    ) -> (time: LogTime, end: Int)? {
        var i = start
        func digit(_ at: Int) -> Int64? {
            guard at < bytes.count else { return nil }
            let value = unsafe bytes[at] &- 0x30
            return value < 10 ? Int64(value) : nil
        }
        func number(_ digits: Int) -> Int64? {
            var value: Int64 = 0
            for _ in 0..<digits {
                guard let next = digit(i) else { return nil }
                value = value * 10 + next
                i += 1
            }
            return value
        }
        func skip(_ a: UInt8, or b: UInt8) -> Bool {
            guard i < bytes.count, unsafe bytes[i] == a || bytes[i] == b else { return false }
            i += 1
            return true
        }
        let dash = UInt8(ascii: "-")
        let colon = UInt8(ascii: ":")
        guard let year = number(4), skip(dash, or: dash), let month = number(2),
            skip(dash, or: dash), let day = number(2),
            skip(UInt8(ascii: "T"), or: UInt8(ascii: "t")), let hour = number(2),
            skip(colon, or: colon), let minute = number(2), skip(colon, or: colon),
            let second = number(2), (1678...2261).contains(year), (1...12).contains(month),
            day >= 1, day <= daysInMonth(month, of: year), hour <= 23, minute <= 59, second <= 60
        else { return nil }
        var fraction: Int64 = 0
        if skip(UInt8(ascii: "."), or: UInt8(ascii: ".")) {
            var digits = 0
            while let next = digit(i) {
                guard digits < 9 else { return nil }
                fraction = fraction * 10 + next
                digits += 1
                i += 1
            }
            guard digits > 0 else { return nil }
            for _ in digits..<9 { fraction *= 10 }
        }
        var offsetSeconds: Int64 = 0
        if !skip(UInt8(ascii: "Z"), or: UInt8(ascii: "z")) {
            let negative = i < bytes.count && (unsafe bytes[i] == dash)
            guard skip(UInt8(ascii: "+"), or: dash), let zoneHour = number(2),
                skip(colon, or: colon), let zoneMinute = number(2), zoneHour <= 23, zoneMinute <= 59
            else { return nil }
            offsetSeconds = (zoneHour * 3600 + zoneMinute * 60) * (negative ? -1 : 1)
        }
        let seconds =
            daysSinceEpoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
            - offsetSeconds
        return (LogTime(nanoseconds: seconds * 1_000_000_000 + fraction), i)
    }

    /// Reads a time that is all of `text`; `nil` for anything else.
    package static func parse(_ text: String) -> LogTime? {
        let bytes = Array(text.utf8)
        return unsafe bytes.withUnsafeBytes { buffer in
            guard let (time, end) = unsafe parse(buffer), end == buffer.count else { return nil }
            return time
        }
    }

    /// Reads a time as ``parse(_:)`` does, and takes one of another year for the nearest that can be
    /// read.
    package static func parseNearest(_ text: String) -> LogTime? {
        if let time = parse(text) { return time }
        // 2000 has each day that any year has.
        guard parse("2000" + text.dropFirst(4)) != nil,
            text.utf8.prefix(4).allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return text.prefix(4) > "2000" ? latest : earliest
    }

    /// 1678-01-01T00:00:00Z, and 2261-12-31T23:59:59Z: years that nanoseconds in 64 bits hold whole.
    private static let earliest = LogTime(seconds: -9_214_560_000)
    private static let latest = LogTime(seconds: 9_214_646_399)

    /// Writes `time` into the first ``writtenLength`` bytes of `target`.
    package static func write(_ time: LogTime, to target: UnsafeMutableRawBufferPointer) {
        precondition(target.count >= writtenLength, "no room for a time")
        let seconds = time.wholeSeconds
        var days = seconds / 86_400
        var rest = seconds % 86_400
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        let (year, month, day) = civil(days)
        func put(_ value: Int64, _ digits: Int, at index: Int) {
            var value = value
            for place in stride(from: index + digits - 1, through: index, by: -1) {
                unsafe target[place] = UInt8(0x30 + value % 10)
                value /= 10
            }
        }
        put(year, 4, at: 0)
        unsafe target[4] = UInt8(ascii: "-")
        put(month, 2, at: 5)
        unsafe target[7] = UInt8(ascii: "-")
        put(day, 2, at: 8)
        unsafe target[10] = UInt8(ascii: "T")
        put(rest / 3600, 2, at: 11)
        unsafe target[13] = UInt8(ascii: ":")
        put(rest / 60 % 60, 2, at: 14)
        unsafe target[16] = UInt8(ascii: ":")
        put(rest % 60, 2, at: 17)
        unsafe target[19] = UInt8(ascii: ".")
        put(time.nanoseconds - seconds * 1_000_000_000, 9, at: 20)
        unsafe target[29] = UInt8(ascii: "Z")
    }

    /// The days of a month in the Gregorian calendar.
    private static func daysInMonth(_ month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 to a date of the Gregorian calendar, counted in 400-year eras whose
    /// years begin in March, so that the leap day is the last of its year.
    private static func daysSinceEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The inverse of ``daysSinceEpoch(_:_:_:)``.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}

extension LogTime: CustomStringConvertible {
    package var description: String {
        unsafe String(unsafeUninitializedCapacity: RFC3339.writtenLength) { target in
            unsafe RFC3339.write(self, to: UnsafeMutableRawBufferPointer(target))
            return RFC3339.writtenLength
        }
    }
}
