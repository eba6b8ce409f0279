import Foundation
import Glibc

/// A named thread that runs one function and is joined by its owner.
@safe struct WorkerThread: Sendable {
    private let id: pthread_t

    private final class Body: Sendable {
        let name: String
        let niceness: Int32
        let run: @Sendable () -> Void

        init(_ name: String, _ niceness: Int32, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.niceness = niceness
            self.run = run
        }

        /// On the new thread. It takes no signals: they are for the program's main thread.
        func start() {
            var signals = sigset_t()
            // None of these fails with valid arguments; more niceness is always allowed.
            _ = unsafe sigfillset(&signals)
            _ = unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
            Thread.current.name = name
            // On Linux this is about the calling thread alone.
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
            run()
        }
    }

    /// Starts a thread named `name`.
    init(
        _ name: String, niceness: Int32, _ run: @escaping @Sendable () -> Void
    ) throws(WorkerThreadsError) {
        precondition(name.utf8.count <= 15, "the kernel's limit")
        var id = pthread_t()
        // The new thread releases the body; where there is none, we do.
        let body = unsafe Unmanaged.passRetained(Body(name, niceness, run))
        let status = unsafe pthread_create(
            &id, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().start()
                return nil
            }, body.toOpaque())
        guard status == 0 else {
            unsafe body.release()
            throw WorkerThreadsError(message: unsafe String(cString: strerror(status)))
        }
        self.id = id
    }

    /// Waits until the function has returned; once.
    func join() {
        let status = pthread_join(id, nil)
        precondition(status == 0, "a thread is joined once, and not by itself")
    }
}
