import Foundation

/// The key of a target's signatures. Never logged, and without a description.
///
/// A secret file holds one of these, with blanks and newlines around it ignored:
///
/// | text | key |
/// | --- | --- |
/// | `whsec_BASE64` | the decoded bytes, as libraries for Standard Webhooks take it |
/// | anything else | its bytes |
package struct WebhookSecret: Sendable, Equatable {
    /// Fewer bytes than the 192 bits that Standard Webhooks asks for are refused.
    package static let leastBytes = 24
    /// A secret file has fewer bytes than this, 4 KiB; beyond it, it is some other file.
    static let fileLimit = 4 << 10
    private static let prefix = Array("whsec_".utf8)

    /// The key's bytes.
    let key: [UInt8]

    /// Reads the secret in the file at `path`.
    package init(file path: String) throws(WebhookError) {
        let text = try SmallFile.read(path, limit: Self.fileLimit)
        do throws(WebhookError) {
            try self.init(text)
        } catch {
            throw WebhookError("read \(path)", error.message)
        }
    }

    init(_ text: [UInt8]) throws(WebhookError) {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
        var text = text[...].drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        if text.starts(with: Self.prefix) {
            guard let decoded = Data(base64Encoded: Data(text.dropFirst(Self.prefix.count))) else {
                throw WebhookError("read a secret", "what stands behind whsec_ is no base64")
            }
            key = Array(decoded)
        } else {
            key = Array(text)
        }
        guard key.count >= Self.leastBytes else {
            throw WebhookError(
                "read a secret",
                "the key has \(key.count) bytes, at least \(Self.leastBytes) are needed")
        }
    }
}
