/// How long ago something was, as kubectl shows it: `45s`, `3m20s`, `5h`, `2d4h`, `3y10d`.
enum HumanAge {
    /// The words for a number of seconds.
    static func text(seconds: Int64) -> String {
        // Clocks differ: what is just ahead of ours is now.
        if seconds < -1 { return "<invalid>" }
        if seconds < 0 { return "0s" }
        let (minutes, hours) = (seconds / 60, seconds / 3_600)
        let days = hours / 24
        return switch seconds {
        case ..<120: "\(seconds)s"
        case ..<600: pair(minutes, "m", seconds % 60, "s")
        case ..<10_800: "\(minutes)m"
        case ..<28_800: pair(hours, "h", minutes % 60, "m")
        case ..<172_800: "\(hours)h"
        case ..<691_200: pair(days, "d", hours % 24, "h")
        case ..<63_072_000: "\(days)d"
        case ..<252_288_000: pair(days / 365, "y", days % 365, "d")
        default: "\(days / 365)y"
        }
    }

    private static func pair(
        _ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String
    ) -> String {
        small == 0 ? "\(large)\(largeUnit)" : "\(large)\(largeUnit)\(small)\(smallUnit)"
    }
}
