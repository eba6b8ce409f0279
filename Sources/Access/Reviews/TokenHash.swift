import Cryptography

/// What is kept of a token to know it again: HMAC-SHA256 under a key that this process drew at
/// random and keeps to itself. It tells nothing of the token, and looking it up in a table takes no
/// time that would.
struct TokenHash: Sendable, Hashable {
    fileprivate let bytes: [UInt8]
}

/// Makes hashes under one key.
struct TokenHasher: Sendable {
    private let key = RandomBytes.make(32)

    /// The hash of `text`.
    func hash(_ text: String) throws(AccessError) -> TokenHash {
        do throws(CryptographyError) {
            return TokenHash(bytes: try HMACSHA256.code(of: Array(text.utf8), key: key))
        } catch {
            throw .unavailable(error.description)
        }
    }
}

/// Bytes that nobody can guess, from the system's generator.
enum RandomBytes {
    static func make(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
}
