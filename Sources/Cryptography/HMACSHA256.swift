import CCrypto

/// HMAC with SHA-256 (RFC 2104), by OpenSSL's libcrypto.
package enum HMACSHA256 {
    /// The code's length in bytes.
    package static let length = 32

    /// The code of `message` under `key`, which is not empty.
    ///
    /// - Throws: ``CryptographyError`` when the library refuses: a build or a policy without
    ///   SHA-256.
    package static func code(
        of message: [UInt8], key: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        // HMAC(3): returns a pointer to the code, or NULL if an error occurred. It keeps nothing.
        let result = unsafe HMAC(
            EVP_sha256(), key, Int32(key.count), message, message.count, &code, &count)
        guard unsafe result != nil, count == length else {
            throw CryptographyError("libcrypto cannot compute HMAC-SHA256")
        }
        return Array(code.prefix(length))
    }
}
