/// Why a transfer failed.
package struct HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, as far as a caller may want to tell. More codes may be added.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let description: String

        /// The server or proxy could not be reached.
        package static let connect = Code(description: "connect")
        /// The host's or proxy's name could not be resolved.
        package static let resolve = Code(description: "resolve")
        /// Handshake, certificate or key.
        package static let tls = Code(description: "tls")
        /// ``HTTPTimeouts/connect`` was reached.
        package static let timeoutConnect = Code(description: "timeoutConnect")
        /// ``HTTPTimeouts/responseHead`` was reached.
        package static let timeoutHead = Code(description: "timeoutHead")
        /// ``HTTPTimeouts/idle`` was reached.
        package static let timeoutIdle = Code(description: "timeoutIdle")
        /// ``HTTPTimeouts/total`` was reached.
        package static let timeoutTotal = Code(description: "timeoutTotal")
        /// The task was cancelled, or the body was cancelled or dropped.
        package static let cancelled = Code(description: "cancelled")
        /// The connection or stream ended before the response was complete.
        package static let cut = Code(description: "cut")
        /// The server sent something that is not HTTP.
        package static let protocolError = Code(description: "protocolError")
        /// The body is longer than the caller allowed.
        package static let bodyTooLarge = Code(description: "bodyTooLarge")
        /// The request cannot be sent as it is; nothing was sent.
        package static let badRequest = Code(description: "badRequest")
        /// The client is closed or closing.
        package static let closed = Code(description: "closed")
        /// Anything else: see ``HTTPClientError/curlCode``.
        package static let other = Code(description: "other")
    }

    /// What was being done: "GET https://host:6443/api" without the query.
    package var operation: String
    /// The kind of failure.
    package var code: Code
    /// libcurl's code (`CURLcode`) where libcurl reported the failure.
    package var curlCode: Int?
    /// libcurl's message, or ours. Without header fields and bodies.
    package var message: String

    package init(operation: String, code: Code, curlCode: Int? = nil, message: String) {
        self.operation = operation
        self.code = code
        self.curlCode = curlCode
        self.message = message
    }

    /// Whether the same request may succeed later. A request that is not idempotent may have been
    /// carried out already.
    package var isRetriable: Bool {
        switch code {
        case .tls: curlCode == 35  // the handshake broke off; verification failures are lasting
        case .cancelled, .protocolError, .bodyTooLarge, .badRequest, .closed: false
        default: true
        }
    }

    package var description: String {
        let number = curlCode.map { ", curl \($0)" } ?? ""
        return "\(operation) failed (\(code)\(number)): \(message)"
    }
}
