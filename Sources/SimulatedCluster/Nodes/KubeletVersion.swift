/// The version of a node's kubelet, and what it does with logs.
///
/// | version | long lines | a follow at a rotation |
/// | --- | --- | --- |
/// | before 1.23.14, 1.24.8, 1.25.4, 1.26 | a timestamp before each 16 KiB record | falls silent |
/// | before 1.29 | one timestamp | falls silent |
/// | 1.29 and later | one timestamp | goes on with the newest file |
package struct KubeletVersion: Sendable, Hashable {
    /// What nodes have unless a Pod asks for another.
    package static let standard = KubeletVersion(text: "v1.33.1", major: 1, minor: 33, patch: 1)

    /// The version as the node's status has it.
    package let text: String
    private let major: Int
    private let minor: Int
    private let patch: Int

    private init(text: String, major: Int, minor: Int, patch: Int) {
        self.text = text
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads `v1.20.2` or `v1.27.3+k3s1`; nil for any other text.
    package init?(_ text: String) {
        guard text.hasPrefix("v"),
            text.dropFirst().allSatisfy({
                $0.isASCII && ($0.isLetter || $0.isNumber || ".+-".contains($0))
            })
        else { return nil }
        let parts = text.dropFirst().split(
            separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let major = Int(parts[0]), let minor = Int(parts[1]),
            let patch = Int(parts[2].prefix { $0.isNumber })
        else { return nil }
        self.init(text: text, major: major, minor: minor, patch: patch)
    }

    /// Whether each record of a long line has a timestamp, not only the first.
    package var stampsRecords: Bool {
        switch (major, minor) {
        case (1, 25): patch < 4
        case (1, 24): patch < 8
        case (1, 23): patch < 14
        default: isBefore(minor: 26)
        }
    }

    /// Whether a follow goes on with the new file when the log is rotated.
    package var followsRotation: Bool { !isBefore(minor: 29) }

    private func isBefore(minor limit: Int) -> Bool {
        major < 1 || (major == 1 && minor < limit)
    }
}
