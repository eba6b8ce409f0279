import Gateway

// Which Pods are followed.
extension Settings {
    /// Reads `namespaces`; none of them: all that there are.
    ///
    /// A name that no namespace can have is refused: the API server lists nothing there, and all would
    /// look well.
    static func namespaces(_ reader: inout SettingsReader) -> [String] {
        let names = reader.list("namespaces", flag: "namespace") ?? []
        for name in names where !isNamespace(name) {
            reader.note(
                SettingsProblem(
                    key: "namespaces", value: name,
                    reason: "a namespace's name has 1 to 63 lower-case letters, digits and '-', "
                        + "and begins and ends with a letter or a digit"))
        }
        return names
    }

    /// Reads `selector`, with Kubernetes' own checks.
    static func selector(_ reader: inout SettingsReader) -> String? {
        guard let selector = reader.text("selector") else { return nil }
        if let problem = SelectorCheck.problem(in: selector) {
            reader.note(SettingsProblem(key: "selector", value: selector, reason: problem))
        }
        return selector
    }

    private static func isNamespace(_ name: String) -> Bool {
        let isAlphanumeric = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard let first = name.utf8.first, let last = name.utf8.last else { return false }
        return name.utf8.count <= 63 && isAlphanumeric(first) && isAlphanumeric(last)
            && name.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }
}
