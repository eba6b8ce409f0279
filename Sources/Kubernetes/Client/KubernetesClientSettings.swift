package import HTTPClient

/// Limits and timeouts of a ``KubernetesClient``.
package struct KubernetesClientSettings: Sendable {
    /// Bytes of one page of a list: 256 MiB, 500 Pods of half a MiB each. Beyond it the request
    /// fails.
    package var bodyLimit = 256 << 20
    /// Bytes of one watch event: 8 MiB. The API server's store refuses objects over 1.5 MiB, and
    /// JSON may take a few times the stored size. Beyond it the watch fails.
    package var eventLimit = 8 << 20
    /// Bytes of an error's body: 256 KiB. Beyond it the error has no words, only its code.
    package var errorLimit = 256 << 10

    /// For small requests.
    package var timeouts = HTTPTimeouts()
    /// For reviews of access: somebody waits for each.
    package var reviewTimeouts = HTTPTimeouts(
        connect: .seconds(3), responseHead: .seconds(5), total: .seconds(8))
    /// For lists: a large one takes the API server a while.
    package var listTimeouts = HTTPTimeouts()
    /// For watches: a bookmark is due about once a minute, so five silent minutes mean that nobody
    /// is there any more.
    package var watchTimeouts = HTTPTimeouts()
    /// For following a log: the head may come with the container's first byte, and silence is
    /// normal.
    package var followTimeouts = HTTPTimeouts()
    /// For reading a log as it is: an API server that cannot reach the node takes minutes to say
    /// so.
    package var logTimeouts = HTTPTimeouts()

    /// The defaults.
    package init() {
        timeouts.idle = .seconds(30)
        listTimeouts.responseHead = .seconds(60)
        listTimeouts.idle = .seconds(60)
        watchTimeouts.idle = .seconds(300)
        followTimeouts.responseHead = nil
        logTimeouts.responseHead = .seconds(180)
    }
}
