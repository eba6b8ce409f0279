import CCrypto

/// Comparisons whose time tells nothing of where two secrets differ.
package enum ConstantTime {
    /// Whether two texts of bytes are the same; only their lengths show in the time that it takes.
    package static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        // CRYPTO_memcmp(3): 0 when equal; the time depends on the length alone.
        return unsafe CRYPTO_memcmp(one, other, one.count) == 0
    }
}
