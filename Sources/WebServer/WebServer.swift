package import Logging
import Synchronization

/// An HTTP/1.1 and WebSocket server on a thread of its own, named `podwire-server`.
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

    private init(port: Int, mailbox: ServerMailbox, thread: ServerThread) {
        self.port = port
        self.mailbox = mailbox
        self.thread = Mutex(thread)
    }

    deinit {
        guard let thread = thread.withLock({ $0 }) else { return }
        mailbox.requestStop(ServerMailbox.StopOrder(code: 1001, reason: ""))
        thread.detach()
    }

    /// Starts a server.
    ///
    /// - Throws: where the address cannot be listened on, with a message that names it.
    package static func start(
        _ settings: WebServerSettings, handler: any RequestHandler, logger: Logger
    ) async throws(WebServerError) -> WebServer {
        let mailbox = ServerMailbox()
        let started = Promise<Result<Int, WebServerError>>()
        let thread = try ServerThread("podwire-server") {
            let loop: ServerLoop
            do throws(WebServerError) {
                loop = try ServerLoop(
                    settings: settings, handler: handler, logger: logger, mailbox: mailbox)
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
            return WebServer(port: port, mailbox: mailbox, thread: thread)
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
