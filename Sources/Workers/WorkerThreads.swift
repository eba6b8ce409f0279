import Glibc
import Synchronization

/// A few named threads for work that takes the processor for milliseconds: packing, searching.
/// Neither the server's thread nor Swift's own threads, which everything else shares, do it then.
///
/// Jobs run in the order in which they are handed over. There is no bound on how many wait: whoever
/// hands over bounds what it has under way. Any thread and any task may call it; ``close()`` must
/// be called before it is dropped.
package final class WorkerThreads: Sendable {
    private let queue: JobQueue
    private let threads: Mutex<[WorkerThread]>

    /// Starts `count` threads.
    ///
    /// - Parameters:
    ///   - name: as seen in `top -H`, at most 15 bytes.
    ///   - count: at least one.
    ///   - niceness: how much the threads stand back behind others, 0 to 19.
    /// - Throws: when the system has no thread to give.
    package init(name: String, count: Int, niceness: Int32 = 0) throws(WorkerThreadsError) {
        precondition(count > 0, "work needs a thread")
        let queue = JobQueue()
        self.queue = queue
        var started: [WorkerThread] = []
        do {
            for _ in 0..<count {
                started.append(try WorkerThread(name, niceness: niceness) { queue.run() })
            }
        } catch {
            queue.close()
            for thread in started { thread.join() }
            throw error
        }
        threads = Mutex(started)
    }

    deinit {
        precondition(threads.withLock { $0.isEmpty }, "threads are joined before they are dropped")
    }

    /// Runs `work` on one of the threads and returns what it returns.
    ///
    /// - Throws: what `work` throws; `CancellationError` when the threads have been closed.
    package func run<T: Sendable>(
        _ work: @escaping @Sendable () throws -> T
    ) async throws -> T {
        let handover = Handover<T>()
        let isDone = await withCheckedContinuation { continuation in
            let isAccepted = queue.add {
                let result = Result { try work() }
                handover.result.withLock { $0 = result }
                continuation.resume(returning: true)
            }
            if !isAccepted { continuation.resume(returning: false) }
        }
        let result = handover.result.withLock { $0 }
        guard isDone, let result else { throw CancellationError() }
        return try result.get()
    }

    /// Hands a job over; `false` when the threads have been closed and it will not run.
    package func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        queue.add(job)
    }

    /// Runs what was handed over, takes nothing more, and ends the threads. Blocks for as long as
    /// the jobs take. Idempotent.
    package func close() {
        queue.close()
        let ending = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in ending { thread.join() }
    }
}

/// A result on its way from a thread to the task that waits for it. A mutex carries it, and not the
/// continuation, because the thread sanitizer sees what a mutex orders and not what that does.
private final class Handover<T: Sendable>: Sendable {
    let result = Mutex<Result<T, any Error>?>(nil)
}

/// Why there are no threads.
package struct WorkerThreadsError: Error, CustomStringConvertible {
    /// What the system said.
    package let message: String
    /// A sentence.
    package var description: String { "cannot start a thread: \(message)" }
}
