/// Makes of a label's or an annotation's value the name under which a workflow, stage or job is
/// kept: the same value always gives the same name.
///
/// | value | name |
/// | --- | --- |
/// | nothing but white space | none: the next template is tried |
/// | white space at its ends | without it |
/// | control characters, line breaks, `/` | `_` for each |
/// | longer than 253 characters | its first 236, `~`, and 16 hexadecimal digits that stand for all |
///
/// A slash separates names in paths (`/v1/jobs/NAMESPACE/WORKFLOW/JOB`) and in the subject of events, so
/// there is none in a name: a job `test 1/3` could not be asked for.
enum KeyName {
    /// The longest name: what Kubernetes allows for names of objects.
    static let longest = 253

    /// The name that `value` gives.
    static func of(_ value: String) -> String? {
        // Nearly all values: letters, digits and signs of ASCII.
        let slash = UInt8(ascii: "/")
        let isPlain = value.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != slash }
        if isPlain, !value.isEmpty, value.utf8.count <= longest { return value }
        let isBlank = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
        guard let first = value.unicodeScalars.firstIndex(where: { !isBlank($0) }),
            let last = value.unicodeScalars.lastIndex(where: { !isBlank($0) })
        else { return nil }
        var name = String.UnicodeScalarView()
        for scalar in value.unicodeScalars[first...last] {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: name.append("_")
            default: name.append(scalar == "/" ? "_" : scalar)
            }
        }
        let text = String(name)
        return text.count > longest ? text.prefix(longest - 17) + "~" + digits(of: text) : text
    }

    /// FNV-1a over the bytes, as 16 digits: short, and the same in every run of the daemon.
    private static func digits(of text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
