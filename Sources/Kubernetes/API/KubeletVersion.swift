/// The version of a node's kubelet, as far as it matters: `v1.20.2`, `v1.27.3+k3s1`.
package struct KubeletVersion: Sendable, Equatable {
    package let major: Int
    package let minor: Int
    package let patch: Int

    /// Reads a version; `nil` for text that is none.
    package init?(_ text: String) {
        let parts = text.drop { $0 == "v" }.split(separator: ".", maxSplits: 2)
        guard parts.count == 3, let major = Int(parts[0]), let minor = Int(parts[1]),
            let patch = Int(parts[2].prefix { $0.isASCII && $0.isNumber })
        else { return nil }
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Whether it is `1.minor` or later.
    private func isAtLeast(minor: Int) -> Bool { major > 1 || self.minor >= minor }

    /// Whether it puts a timestamp before each record of a long line: before 1.26, but for later
    /// patches of 1.23 to 1.25 (kubernetes/kubernetes#77603).
    package var stampsEveryRecord: Bool {
        switch (major, minor) {
        case (1, 25): patch < 4
        case (1, 24): patch < 8
        case (1, 23): patch < 14
        default: !isAtLeast(minor: 26)
        }
    }

    /// Whether its follows go on across a rotation: from 1.29 on (kubernetes/kubernetes#115702).
    package var followsAcrossRotation: Bool { isAtLeast(minor: 29) }
}
