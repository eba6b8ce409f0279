import Glibc
import Synchronization

/// What the threads take their jobs from.
///
/// `@unchecked Sendable`: the mutex of POSIX guards the two variables; it is used in place of
/// Swift's because threads wait for its condition.
@safe final class JobQueue: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let news = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [@Sendable () -> Void] = []
    private var isClosed = false

    init() {
        // Neither fails with default attributes on Linux.
        _ = unsafe pthread_mutex_init(lock, nil)
        _ = unsafe pthread_cond_init(news, nil)
    }

    deinit {
        _ = unsafe pthread_cond_destroy(news)  // Fails only while someone waits.
        _ = unsafe pthread_mutex_destroy(lock)
        unsafe news.deallocate()
        unsafe lock.deallocate()
    }

    /// Takes a job, unless the queue is closed.
    func add(_ job: @escaping @Sendable () -> Void) -> Bool {
        locked {
            guard !isClosed else { return false }
            jobs.append(job)
            _ = unsafe pthread_cond_signal(news)
            return true
        }
    }

    /// Takes nothing more; ``run()`` returns once there is nothing left.
    func close() {
        locked {
            isClosed = true
            _ = unsafe pthread_cond_broadcast(news)
        }
    }

    /// Runs jobs until the queue is closed and empty.
    func run() {
        while let job = next() { job() }
    }

    private func next() -> (@Sendable () -> Void)? {
        locked {
            while jobs.isEmpty {
                if isClosed { return nil }
                _ = unsafe pthread_cond_wait(news, lock)
            }
            return jobs.removeFirst()
        }
    }

    private func locked<T>(_ body: () -> T) -> T {
        // Fails only for a thread that has the lock, and no body takes it.
        _ = unsafe pthread_mutex_lock(lock)
        defer { _ = unsafe pthread_mutex_unlock(lock) }
        return body()
    }
}
