/// Why a webhook cannot be delivered, where it is not its target's doing.
package struct WebhookError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was being done, with the file's path where there is one.
    package var operation: String
    /// Why it failed. Never holds any part of a secret.
    package var message: String

    package var description: String { "\(operation): \(message)" }

    init(_ operation: String, _ message: String) {
        self.operation = operation
        self.message = message
    }
}
