/// What is wrong with one setting: the key, the value, and what is allowed.
struct SettingsProblem: Error, CustomStringConvertible, Equatable {
    /// The setting's key, with where it was set.
    let key: String
    /// The value that was refused.
    let value: String
    /// Why, and what is allowed.
    let reason: String

    var description: String {
        value.isEmpty ? "\(key): \(reason)" : "\(key): “\(value)”: \(reason)"
    }
}

/// Every problem of the settings, so that one look mends them all.
struct SettingsError: Error, CustomStringConvertible {
    let problems: [SettingsProblem]

    var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
