import Foundation
import Glibc

/// A thread with a name that is seen in `top -H`, and that must be joined.
///
/// `join` may be called once, from any thread but this one.
@safe struct NamedThread: Sendable {
    private let id: pthread_t

    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void
        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Starts a thread named `name` (at most 15 bytes) that runs `run`.
    ///
    /// - Throws: ``StoreError/Code/unavailable`` when the system has no thread to give.
    init(name: String, run: @escaping @Sendable () -> Void) throws(StoreError) {
        var id = pthread_t()
        // The new thread releases the body; where there is none, we do.
        let body = unsafe Unmanaged.passRetained(Body(name: name, run: run))
        let status = unsafe pthread_create(
            &id, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                Thread.current.name = body.name
                body.run()
                return nil
            }, body.toOpaque())
        guard status == 0 else {
            unsafe body.release()
            throw StoreError(
                "start the thread \(name)", .unavailable, path: "",
                unsafe String(cString: strerror(status)))
        }
        self.id = id
    }

    /// Waits until the thread has ended.
    func join() {
        // Fails only for a thread that was joined before, which is our own mistake.
        let status = pthread_join(id, nil)
        precondition(status == 0, "a thread is joined once")
    }
}
