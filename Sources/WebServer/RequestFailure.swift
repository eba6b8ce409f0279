/// Why the server refuses a request by itself: the status it answers and what is wrong.
package struct RequestFailure: Error, Equatable, CustomStringConvertible {
    /// The HTTP status.
    package let status: Int
    /// What is wrong with the request, for the body of the answer.
    package let message: String

    init(_ status: Int, _ message: String) {
        self.status = status
        self.message = message
    }

    /// The status and the message.
    package var description: String { "\(status): \(message)" }
}
