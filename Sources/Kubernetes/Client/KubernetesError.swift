import HTTPClient

/// A request to the API server that did not succeed.
package struct KubernetesError: Error, Sendable, CustomStringConvertible {
    /// What was tried, such as `list pods`.
    package var operation: String
    /// The HTTP status code; `nil` when there was no response.
    package var status: Int?
    /// What the server said.
    package var kubernetesStatus: KubernetesStatus?
    /// How long the server asks to wait.
    package var retryAfter: Duration?
    /// Why there is no response, or no usable one.
    package var underlying: (any Error)?

    /// Describes a failure.
    package init(
        operation: String, status: Int? = nil, kubernetesStatus: KubernetesStatus? = nil,
        retryAfter: Duration? = nil, underlying: (any Error)? = nil
    ) {
        self.operation = operation
        self.status = status
        self.kubernetesStatus = kubernetesStatus
        self.retryAfter = retryAfter
        self.underlying = underlying
    }

    /// The longest wait that an answer can ask for: 60 s. An API server that is busy says a few
    /// seconds, a proxy in front of it may say anything, and what is written meanwhile in containers
    /// that come and go is lost. Beyond it: the server is asked after 60 s.
    package static let longestWait = Duration.seconds(60)

    /// How long an answer asks to wait, by its `Retry-After` or else its `Status` object; `nil` where
    /// it does not. A date counts as nothing said: Kubernetes sends seconds.
    package static func wait(retryAfter: String?, _ status: KubernetesStatus?) -> Duration? {
        let seconds = retryAfter.flatMap { Int($0) } ?? status?.details?.retryAfterSeconds
        return seconds.map { min(max(Duration.seconds($0), .zero), longestWait) }
    }

    /// `error` as a failure of `operation`, unless the task is cancelled: then that is thrown.
    static func wrapping(
        _ error: any Error, _ operation: String
    ) throws(CancellationError) -> KubernetesError {
        if error is CancellationError || Task.isCancelled { throw CancellationError() }
        return KubernetesError(operation: operation, underlying: error)
    }

    /// Whether the same request may succeed later with nothing changed by hand.
    package var isRetriable: Bool {
        if let status { return status == 408 || status == 429 || status >= 500 }
        if let error = underlying as? HTTPClientError { return error.isRetriable }
        return false
    }

    /// Whether a resource version or continue token is too old, and a new list needed.
    package var isExpired: Bool { status == 410 || kubernetesStatus?.isExpired == true }

    /// Whether a list or watch was refused because there is no such resource (404, 405) or no
    /// permission to read it (403).
    var isUnavailable: Bool {
        [403, 404, 405].contains(status ?? kubernetesStatus?.code ?? 0)
    }

    /// Whether the connection was given up because nothing arrived for too long.
    package var isSilence: Bool {
        if let error = underlying as? HTTPClientError { return error.code == .timeoutIdle }
        return false
    }

    package var description: String {
        var text = "cannot \(operation)"
        if let status { text += ": the API server answered \(status)" }
        if let reason = kubernetesStatus?.reason { text += " \(reason)" }
        if let message = kubernetesStatus?.message { text += ": \(message)" }
        if let underlying { text += ": \(underlying)" }
        return text
    }
}
