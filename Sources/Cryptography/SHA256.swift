import CCrypto

/// SHA-256 (FIPS 180-4), by OpenSSL's libcrypto.
package enum SHA256 {
    /// The digest's length in bytes.
    package static let length = 32

    /// The digest of `message`.
    ///
    /// - Throws: ``CryptographyError`` when the library refuses: a build or a policy without it.
    package static func digest(of message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        // EVP_DigestInit(3): EVP_Digest() returns 1 for success, and takes the default engine.
        let result = unsafe EVP_Digest(
            message, message.count, &digest, &count, EVP_sha256(), nil)
        guard result == 1, count == length else {
            throw CryptographyError("libcrypto cannot compute SHA-256")
        }
        return Array(digest.prefix(length))
    }
}
