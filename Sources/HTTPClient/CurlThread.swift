import CCurl
import Glibc
import Synchronization

/// The named thread that runs a client's loop.
///
/// Starts in `init`; ``join()`` must be called before it is dropped, after the loop was told to
/// stop. Signals are blocked in it: they are handled elsewhere, and a write to a connection that
/// the peer has closed is an error there, not `SIGPIPE`.
@safe final class CurlThread: Sendable {
    /// As seen in `top -H` and debuggers.
    static let name = "podwire-curl"

    private let thread: pthread_t
    private let isJoined = Mutex(false)

    /// Runs the loop on a new thread, which owns it from now on, and then `completion`.
    init(
        running engine: sending CurlEngine, completion: @escaping @Sendable () -> Void
    ) throws(HTTPClientError) {
        let work = unsafe Unmanaged.passRetained(ThreadWork(engine, completion))
        var thread = pthread_t()
        let result = unsafe pthread_create(&thread, nil, threadMain, work.toOpaque())
        guard result == 0 else {
            unsafe work.release()
            throw HTTPClientError(systemCall: "pthread_create", errno: result)
        }
        self.thread = thread
    }

    deinit {
        precondition(isJoined.withLock { $0 }, "a client is closed before it is dropped")
    }

    /// Waits until the thread has ended. Blocks; the caller knows that its loop is over. Idempotent.
    func join() {
        isJoined.withLock { isJoined in
            guard !isJoined else { return }
            // Fails only for a thread that is not joinable, and this is the only place that joins.
            _ = pthread_join(thread, nil)
            isJoined = true
        }
    }
}

/// What the thread is given; its one reference passes from the starter to the thread.
private final class ThreadWork {
    private let engine: CurlEngine
    private let completion: @Sendable () -> Void

    init(_ engine: CurlEngine, _ completion: @escaping @Sendable () -> Void) {
        self.engine = engine
        self.completion = completion
    }

    func run() {
        engine.run()
        completion()
    }
}

private func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument = unsafe argument else { return nil }
    let work = unsafe Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue()
    var signals = sigset_t()
    // Neither fails with valid arguments.
    _ = unsafe sigfillset(&signals)
    _ = unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    unsafe podwire_name_thread(CurlThread.name)
    work.run()
    return nil
}
