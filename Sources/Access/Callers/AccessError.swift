/// Why somebody is not served. No case holds any part of a token.
package enum AccessError: Error, Sendable, Equatable {
    /// The request has no credentials.
    case noCredentials
    /// The token is wrong, expired or withdrawn.
    case unknownToken
    /// The ticket was never issued, is used, has expired, or is for another path.
    case unknownTicket
    /// The caller is known and lacks a right.
    case forbidden(Identity, Right)
    /// There are more namespaces than are asked about for one list.
    case tooManyNamespaces(limit: Int)
    /// Nobody could be asked who the caller is or what they may do; why, in a sentence.
    case unavailable(String)
}
