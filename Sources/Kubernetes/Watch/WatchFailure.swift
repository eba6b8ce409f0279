/// What a ``ResourceWatchMachine`` needs to know of a failed list or watch.
struct WatchFailure: Sendable, Equatable {
    /// What happened, as a sentence.
    var message: String
    /// The resource version or continue token is too old: only a new list helps.
    var isExpired = false
    /// Nothing arrived on the watch for far longer than bookmarks are apart.
    var isSilence = false
    /// There is no such resource here, or no permission to read it: neither passes by waiting a
    /// little.
    var isUnavailable = false
    /// How long the server asks to wait.
    var retryAfter: Duration?
}

extension WatchFailure {
    /// The failure of a request, or of reading its response.
    init(_ error: any Error) {
        message = "\(error)"
        guard let error = error as? KubernetesError else { return }
        isExpired = error.isExpired
        isSilence = error.isSilence
        isUnavailable = error.isUnavailable
        retryAfter = error.retryAfter
    }

    /// The failure that the server reports inside a watch.
    init(_ status: KubernetesStatus, operation: String) {
        self.init(KubernetesError(operation: operation, kubernetesStatus: status))
        retryAfter = KubernetesError.wait(retryAfter: nil, status)
    }
}
