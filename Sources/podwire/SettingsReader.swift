import Foundation

/// Reads settings by key from their sources and collects every problem on the way.
///
/// Flags go over the environment (`PODWIRE_…`), the environment over the file, the file over the
/// defaults. The key `capture.startsPerSecond` is `PODWIRE_CAPTURE_STARTS_PER_SECOND` in the
/// environment.
struct SettingsReader {
    private let flags: [String: [String]]
    private let environment: [String: String]
    private let file: SettingsFile?
    private var known: Set<String> = []
    /// What was wrong so far.
    private(set) var problems: [SettingsProblem] = []

    /// - Parameters:
    ///   - flags: what the command line gave, by key; absent flags are not in it.
    ///   - environment: the process' environment.
    ///   - file: the settings file, if there is one.
    init(flags: [String: [String]], environment: [String: String], file: SettingsFile?) {
        self.flags = flags
        self.environment = environment
        self.file = file
    }

    /// A text; `nil` when no source has it.
    mutating func text(_ key: String) -> String? {
        known.insert(key)
        if let flag = flags[key]?.last { return flag }
        if let variable = environment[Self.variable(key)], !variable.isEmpty { return variable }
        do {
            return try file?.scalar(key)
        } catch {
            note(error, key: key)
            return nil
        }
    }

    /// A list of texts; in the environment they are separated by commas, and `flag`, the name of a flag
    /// that gives one of them, is a name of the list as well.
    mutating func list(_ key: String, flag: String? = nil) -> [String]? {
        known.insert(key)
        if let texts = flags[key], !texts.isEmpty { return texts }
        for name in [key, flag].compactMap({ $0 }) {
            guard let variable = environment[Self.variable(name)], !variable.isEmpty else {
                continue
            }
            return variable.split(separator: ",")
                .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        }
        do {
            return try file?.list(key)
        } catch {
            note(error, key: key)
            return nil
        }
    }

    /// A list of mappings, from the file alone.
    mutating func mappings(_ key: String) -> [[String: [String]]] {
        known.insert(key)
        do {
            return try file?.mappings(key) ?? []
        } catch {
            note(error, key: key)
            return []
        }
    }

    /// A value that `parse` understands; its error text says what is allowed.
    mutating func value<T>(
        _ key: String, default fallback: T, allowed: String, _ parse: (String) -> T?
    ) -> T {
        guard let text = text(key) else { return fallback }
        if let value = parse(text) { return value }
        problems.append(SettingsProblem(key: key, value: text, reason: "allowed: \(allowed)"))
        return fallback
    }

    /// A whole number within `range`.
    mutating func integer(_ key: String, default fallback: Int, in range: ClosedRange<Int>) -> Int {
        let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return value(key, default: fallback, allowed: allowed) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A duration with its unit: `250ms`, `30s`, `5m`, `2h`, `7d`.
    mutating func duration(
        _ key: String, default fallback: Duration, in range: ClosedRange<Duration>
    ) -> Duration {
        let allowed =
            "a number with the unit ms, s, m, h or d, between "
            + "\(range.lowerBound) and \(range.upperBound)"
        return value(key, default: fallback, allowed: allowed) { text in
            Self.parseDuration(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A number of bytes, with an optional unit: `65536`, `64KiB`, `16MiB`, `2GiB`.
    mutating func bytes(_ key: String, default fallback: Int, in range: ClosedRange<Int>) -> Int {
        let allowed =
            "bytes, or a number with the unit KiB, MiB or GiB, from "
            + "\(range.lowerBound) to \(range.upperBound) bytes"
        return value(key, default: fallback, allowed: allowed) { text in
            Self.parseBytes(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Notes a problem that only the caller could see.
    mutating func note(_ problem: SettingsProblem) {
        problems.append(problem)
    }

    /// Notes every key of the file that nobody has asked for: a misspelt key is not silently a
    /// default. Call it last.
    mutating func noteUnknownKeys() {
        guard let file else { return }
        for key in file.keys where !known.contains(key) {
            problems.append(
                SettingsProblem(key: key, value: "", reason: "unknown key in \(file.path)"))
        }
    }

    private mutating func note(_ error: any Error, key: String) {
        problems.append(
            error as? SettingsProblem
                ?? SettingsProblem(key: key, value: "", reason: String(describing: error)))
    }

    /// `capture.startsPerSecond` → `PODWIRE_CAPTURE_STARTS_PER_SECOND`.
    static func variable(_ key: String) -> String {
        var name = "PODWIRE_"
        for character in key {
            if character == "." || character == "-" {
                name += "_"
            } else {
                if character.isUppercase { name += "_" }
                name += character.uppercased()
            }
        }
        return name
    }

    static func parseDuration(_ text: String) -> Duration? {
        let units: [(String, Double)] = [
            ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
        ]
        for (unit, seconds) in units where text.hasSuffix(unit) {
            // A billion seconds, 31 years, is beyond every setting, and no `Duration` overflows.
            guard let number = Double(text.dropLast(unit.count)), number >= 0,
                number * seconds <= 1e9
            else { continue }
            return .seconds(number * seconds)
        }
        return nil
    }

    static func parseBytes(_ text: String) -> Int? {
        let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]
        for (unit, factor) in units where text.hasSuffix(unit) {
            guard let number = Int(text.dropLast(unit.count)) else { return nil }
            let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
            return overflow ? nil : bytes
        }
        return Int(text)
    }
}
