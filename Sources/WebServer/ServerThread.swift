import CWebSockets
import Glibc

/// A named thread that runs one function and is joined by its owner.
struct ServerThread: Sendable {
    private let thread: pthread_t

    private final class Body {
        let name: String
        let run: @Sendable () -> Void

        init(_ name: String, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Starts a thread named `name`, of at most 15 bytes, the kernel's limit.
    ///
    /// It takes no signals: they are for the program's main thread.
    init(_ name: String, _ run: @escaping @Sendable () -> Void) throws(WebServerError) {
        let body = unsafe Unmanaged.passRetained(Body(name, run))
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                var signals = sigset_t()
                _ = unsafe sigfillset(&signals)
                unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
                _ = unsafe podwire_name_thread(body.name)  // Fails only for a longer name.
                body.run()
                return nil
            }, body.toOpaque())
        guard status == 0 else {
            unsafe body.release()
            let reason = unsafe String(cString: strerror(status))
            throw WebServerError(
                .start, "cannot start the server's thread: \(reason)", code: status)
        }
        self.thread = thread
    }

    /// Waits until the function has returned; once.
    func join() {
        let status = pthread_join(thread, nil)
        precondition(status == 0, "a thread is joined once, and not by itself")
    }

    /// Lets the thread end unobserved, instead of ``join()``.
    func detach() {
        _ = pthread_detach(thread)  // Fails only for a thread that was joined.
    }
}
