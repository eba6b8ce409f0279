import Logging
import Synchronization

/// A target's secret, read again at each attempt so that a new one is used at once.
///
/// Reading it blocks the caller for as long as a small local file takes.
final class SecretFile: Sendable {
    private let path: String
    private let logger: Logger
    private let last = Mutex<(secret: WebhookSecret?, isTold: Bool)>((nil, false))

    init(_ path: String, logger: Logger) {
        self.path = path
        self.logger = logger
    }

    /// The secret now. While the file cannot be read, as in the middle of its replacement, the last
    /// one; that is logged once.
    func secret() throws(WebhookError) -> WebhookSecret {
        do throws(WebhookError) {
            let secret = try WebhookSecret(file: path)
            last.withLock { $0 = (secret, false) }
            return secret
        } catch {
            let (known, isNews) = last.withLock { last in
                defer { last.isTold = true }
                return (last.secret, !last.isTold)
            }
            guard let known else { throw error }
            if isNews {
                logger.warning(
                    "A webhook's secret cannot be read, its last one is used",
                    metadata: ["error": "\(error)"])
            }
            return known
        }
    }
}
