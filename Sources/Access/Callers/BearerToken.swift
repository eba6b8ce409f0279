/// What proves who somebody is. It has no description, so that it cannot get into a log or an error.
package struct BearerToken: Sendable, CustomStringConvertible, CustomReflectable {
    /// Bytes of the longest token, 16 KiB: those of the largest issuers have some 4 KiB. A longer
    /// one is taken for a wrong one.
    static let limit = 16 << 10

    /// The token itself.
    let text: String

    /// A token, if `text` may be one: RFC 6750's characters, and not too many.
    package init?(_ text: String) {
        let marks: Set<UInt8> = Set("-._~+/=".utf8)
        let isToken = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || marks.contains(byte)
        }
        guard isToken, (1...Self.limit).contains(text.utf8.count) else { return nil }
        self.text = text
    }

    package var description: String { "a token" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
