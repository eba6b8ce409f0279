/// Why a server did not start.
package struct WebServerError: Error, Equatable, CustomStringConvertible {
    /// What the server was about to do.
    package enum Operation: Sendable, Equatable {
        /// Finding and opening the address.
        case listen
        /// Creating the event loop, libwebsockets' context or the thread.
        case start
        /// Reading the certificate and its key.
        case certificate
    }

    /// What failed.
    package let operation: Operation
    /// The whole story, as a sentence.
    package let message: String
    /// The system's error number, or 0.
    package let code: Int32

    init(_ operation: Operation, _ message: String, code: Int32 = 0) {
        self.operation = operation
        self.message = message
        self.code = code
    }

    /// The message.
    package var description: String { message }
}
