package import Logging
import Synchronization

/// An HTTP/1.1, HTTP/2 and WebSocket server, with or without TLS, on a thread of its own, named `podwire-server`.
///
/// Any thread may use it. It is listening when ``start(_:handler:logger:)`` returns, and ends with
/// ``stop(closing:reason:)``, which leaves no thread, socket or handle behind. A server that is
/// dropped without it stops by itself, unobserved.
package final class WebServer: Sendable {
    /// The TCP port it listens on.
    package let port: Int

    private let mailbox: ServerMailbox
    /// Nil once it is joined.
    private let thread: Mutex<ServerThread?>
    /// Looks for new certificates; nil without TLS.
    private let watch: Task<Void, Never>?

    private init(
        port: Int, mailbox: ServerMailbox, thread: ServerThread, watch: Task<Void, Never>?
    ) {
        self.port = port
        self.mailbox = mailbox
        self.thread = Mutex(thread)
        self.watch = watch
    }

    deinit {
        watch?.cancel()
        guard let thread = thread.withLock({ $0 }) else { return }
        mailbox.requestStop(ServerMailbox.StopOrder(code: 1001, reason: ""))
        thread.detach()
    }

    /// Starts a server.
    ///
    /// - Throws: where the address cannot be listened on or the certificate cannot be used, with a
    ///   message that names it.
    package static func start(
        _ settings: WebServerSettings, handler: any RequestHandler, logger: Logger
    ) async throws(WebServerError) -> WebServer {
        let mailbox = ServerMailbox()
        let certificate = try settings.tls.map { tls throws(WebServerError) in
            try CertificateWatch.begin(tls, mailbox: mailbox, logger: logger)
        }
        let started = Promise<Result<Int, WebServerError>>()
        let thread = try ServerThread("podwire-server") {
            let loop: ServerLoop
            do throws(WebServerError) {
                loop = try ServerLoop(
                    settings: settings, certificate: certificate?.files, handler: handler,
                    logger: logger, mailbox: mailbox)
            } catch {
                mailbox.end()
                started.fulfil(.failure(error))
                return
            }
            started.fulfil(.success(loop.listener.port))
            loop.run()
        }
        switch await started.value() {
        case .success(let port):
            // Lives as long as the server, which cancels it.
            let watch = certificate.map { certificate in
                Task {
                    var watch = certificate.watch
                    await watch.run()
                }
            }
            return WebServer(port: port, mailbox: mailbox, thread: thread, watch: watch)
        case .failure(let error):
            thread.join()
            throw error
        }
    }

    /// Stops the server, within two seconds.
    ///
    /// WebSockets get a close frame with `code` and `reason`; streams in flight are cut, so that no
    /// client takes them for complete; handlers at work are cancelled. A second call waits for the
    /// same end.
    package func stop(closing code: UInt16, reason: String) async {
        watch?.cancel()
        mailbox.requestStop(ServerMailbox.StopOrder(code: code, reason: reason))
        await mailbox.waitForEnd()
        thread.withLock { thread in
            thread?.join()  // It has ended but for a few closes: this does not wait.
            thread = nil
        }
    }
}

/// A value that one thread sets and one task awaits.
private final class Promise<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case awaited(CheckedContinuation<Value, Never>)
        case fulfilled(Value)
    }

    private let state = Mutex(State.empty)

    func fulfil(_ value: Value) {
        let waiter = state.withLock { state -> CheckedContinuation<Value, Never>? in
            defer { state = .fulfilled(value) }
            if case .awaited(let continuation) = state { return continuation }
            return nil
        }
        waiter?.resume(returning: value)
    }

    func value() async -> Value {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state -> Value? in
                if case .fulfilled(let value) = state { return value }
                state = .awaited(continuation)
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }
}
