package import Logging
import Synchronization

/// An HTTP client on libcurl, for thousands of transfers at once.
///
/// It owns one thread, named "podwire-curl", which does all the work; any task or thread may call
/// the client. Over TLS it speaks HTTP/2, with several transfers on a connection and as many
/// connections as that takes; otherwise HTTP/1.1. Nothing it does costs more with the number of
/// transfers that are quiet.
///
/// ``close()`` must be called before the client is dropped, and before the program's `main`
/// returns, because OpenSSL's exit handler must not meet a running thread.
package final class HTTPClient: Sendable {
    private let commands: CommandQueue
    private let counters = ClientCounters()
    private let thread: CurlThread
    private let lastID = Atomic<UInt64>(0)
    private let logger: Logger
    private let ending: ThreadEnding

    /// Makes a client and starts its thread.
    ///
    /// - Throws: ``HTTPClientError`` when the system has no descriptor, memory or thread left.
    package init(_ settings: HTTPClientSettings = .init(), logger: Logger) throws {
        try CurlLibrary.initialize()
        let commands = try CommandQueue()
        let ending = ThreadEnding()
        let engine = try CurlEngine(settings: settings, commands: commands, counters: counters)
        thread = try CurlThread(running: engine) { ending.reached() }
        self.commands = commands
        self.ending = ending
        self.logger = logger
        logger.debug(
            "HTTP client started",
            metadata: ["streams_per_connection": "\(settings.streamsPerConnection)"])
    }

    /// What the client is doing.
    package var statistics: HTTPClientStatistics { counters.statistics }

    /// Sends a request and waits for the final response head. The body follows in the response.
    ///
    /// Any status is a response, 404 and 500 too. Cancelling the task cancels the transfer.
    ///
    /// - Throws: ``HTTPClientError``.
    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let place = RequestURL(request.url)?.forLogs ?? "an invalid URL"
        let exchange = Exchange(
            id: TransferID(number: lastID.wrappingAdd(1, ordering: .relaxed).newValue),
            operation: "\(request.method.rawValue) \(place)", limit: request.bodyLimit,
            commands: commands)
        let head = try await exchange.head(starting: request)
        return HTTPResponse(head: head, body: HTTPBody(exchange))
    }

    /// Ends all transfers with `closed`, closes all connections and joins the thread. Idempotent;
    /// every call returns when the thread has ended.
    package func close() async {
        // False when the thread has been told before.
        _ = commands.post(.stop)
        await ending.wait()
        thread.join()
        logger.debug("HTTP client closed")
    }
}

/// Tells any number of tasks that the curl thread's loop is over.
private final class ThreadEnding: Sendable {
    private struct State {
        var isReached = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func reached() {
        let waiters = state.withLock { state in
            state.isReached = true
            let waiters = state.waiters
            state.waiters = []
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { waiter in
            let isReached = state.withLock { state in
                if !state.isReached { state.waiters.append(waiter) }
                return state.isReached
            }
            if isReached { waiter.resume() }
        }
    }
}
