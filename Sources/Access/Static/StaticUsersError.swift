/// What is wrong with a file of static tokens. Never holds any part of a token.
package struct StaticUsersError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where, as `users[0].tokens[1].sha256`, or the file's path.
    package let place: String
    /// What, and what is allowed.
    package let reason: String

    package var description: String { place.isEmpty ? reason : "\(place): \(reason)" }

    init(_ place: String, _ reason: String) {
        self.place = place
        self.reason = reason
    }
}
