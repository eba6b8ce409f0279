/// What libcrypto could not do.
package struct CryptographyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What, in a sentence.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
