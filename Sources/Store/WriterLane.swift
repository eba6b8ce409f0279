import Dispatch
import Logging
import Synchronization

/// The one writer of the database: a thread of its own that commits in groups.
///
/// Whoever has something to write hands it over under the lane's lock and goes on. The thread takes
/// what is due, compresses it, writes it in one transaction, publishes it, and tells those who
/// wait. Nothing that blocks runs on Swift's cooperative threads. Locks: the lane's and a channel's
/// are never held at the same time.
final class WriterLane: Sendable {
    /// The list of the lane that a stream goes into.
    enum List {
        case urgent
        case quiet
    }

    let settings: StoreSettings
    let queue = Mutex(LaneQueue())
    private let health = Mutex<String?>(nil)
    private let signal = DispatchSemaphore(value: 0)
    /// Whether the signal was raised and not yet seen; keeps its count at one.
    private let isSignalled = Atomic<Bool>(false)
    private let worker: Mutex<LaneWorker>
    private let logger: Logger
    private let ended = Mutex<(isOver: Bool, waiter: CheckedContinuation<Void, Never>?)>(
        (false, nil))

    init(settings: StoreSettings, worker: consuming sending LaneWorker, logger: Logger) {
        self.settings = settings
        self.worker = Mutex(worker)
        self.logger = logger
    }

    /// Why the last commit failed; `nil` while all is well.
    var lastError: String? { health.withLock { $0 } }

    /// Bytes that wait to be committed.
    var queuedBytes: Int { queue.withLock { $0.bytes } }

    // MARK: Handing over, from any thread

    /// Tells the lane of a stream that has something pending.
    func wake(for channel: StreamChannel, in list: List?) {
        let needsWake = queue.withLock { queue in
            switch list {
            case .urgent: queue.addUrgent(channel)
            case .quiet: queue.addQuiet(channel, now: .now)
            case nil: break
            }
            return queue.needsWake(settings: settings)
        }
        if needsWake { raise() }
    }

    /// Commits a stream soon.
    func hurry(_ channel: StreamChannel) {
        let isNew = channel.state.withLock { state in
            guard state.capture != nil, state.capture?.isUrgent == false else { return false }
            state.capture?.isUrgent = true
            return true
        }
        if isNew { wake(for: channel, in: .urgent) }
    }

    /// Waits until all that a stream has pending is committed.
    func committed(_ channel: StreamChannel) async throws {
        try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Void, any Error>) in
            let isStopped = queue.withLock { $0.isStopped }
            let outcome: Result<Bool, any Error> = channel.state.withLock { state in
                if let failure = state.capture?.failure { return .failure(failure) }
                guard let capture = state.capture, capture.committed < capture.appended else {
                    return .success(true)
                }
                if isStopped { return .failure(Self.closed) }
                state.capture?.waiters.append(
                    StreamChannel.CommitWaiter(
                        target: capture.appended, since: .now, continuation: continuation))
                return .success(false)
            }
            switch outcome {
            case .success(true): continuation.resume()
            case .success(false):
                hurry(channel)
                // The lane may have stopped meanwhile; then nobody else tells this one.
                if queue.withLock({ $0.isStopped }) {
                    expire(channel, since: .now, with: Self.closed)
                }
            case .failure(let error): continuation.resume(throwing: error)
            }
        }
    }

    /// Runs `body` in the next group commit.
    func write<T: Sendable>(
        _ body: @escaping @Sendable (StoreTransaction) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let request = WriteRequest(
                since: .now,
                run: { transaction in
                    let value = try body(transaction)
                    return { continuation.resume(returning: value) }
                },
                fail: { continuation.resume(throwing: $0) })
            let isTaken = queue.withLock { queue in
                if queue.isStopping { return false }
                queue.add(request)
                return true
            }
            if isTaken { raise() } else { request.fail(Self.closed) }
        }
    }

    /// Takes no more requests, and waits until the thread has committed what is queued and closed
    /// the database. The thread returns right after, so that joining it does not block. Called once.
    func stop() async {
        queue.withLock { $0.stop() }
        raise()
        await withCheckedContinuation { continuation in
            let isOver = ended.withLock { ended in
                if !ended.isOver { ended.waiter = continuation }
                return ended.isOver
            }
            if isOver { continuation.resume() }
        }
    }

    // MARK: The thread

    /// Commits until the lane is stopped. The lane's thread runs this, and nothing else does.
    func run() {
        worker.withLock { worker in
            while true {
                isSignalled.store(false, ordering: .sequentiallyConsistent)
                let now = ContinuousClock.now
                switch queue.withLock({ $0.next(now: now, settings: settings) }) {
                case .commit(let group): commit(group, worker: &worker)
                case .sleep(let deadline): sleep(until: deadline)
                case .stop:
                    failEveryone(waitingSince: .now, with: Self.closed)
                    sendAway(since: .now, with: Self.closed)
                    do {
                        try worker.database.close()
                    } catch {
                        logger.error(
                            "store closed with its log file left behind",
                            metadata: ["error": "\(error)"])
                    }
                    let waiter = ended.withLock { ended in
                        ended.isOver = true
                        return ended.waiter
                    }
                    waiter?.resume()
                    return
                }
            }
        }
    }

    private func commit(_ group: LaneQueue.Group, worker: inout LaneWorker) {
        var work = worker.prepare(group, settings: settings)
        if work.isEmpty { return }
        var pause = Duration.milliseconds(50)
        var isIsolated = false
        while true {
            do {
                let done = try worker.execute(work, settings: settings, isIsolated: isIsolated)
                if health.withLock({ $0.take() }) != nil { logger.info("store writes again") }
                worker.publish(work, done, lane: self)
                return
            } catch  where !StoreError.isStorageFailure(error) && !isIsolated {
                // One bad write among many: find it, so that the others are stored.
                isIsolated = true
            } catch {
                let failure = StoreError.from(
                    error, operation: "commit", path: worker.database.path)
                if health.withLock({ old in
                    defer { old = failure.message }
                    return old == nil
                }) {
                    logger.error(
                        "store cannot be written", metadata: ["error": "\(failure)"])
                }
                if queue.withLock({ $0.isStopping }), pause > .milliseconds(200) {
                    abandon(work, error: failure)
                    return
                }
                let deadline = ContinuousClock.now - settings.failureTimeout
                failEveryone(waitingSince: deadline, with: failure)
                for request in work.expireWrites(since: deadline) { request.fail(failure) }
                for channel in work.channels {
                    expire(channel, since: deadline, with: failure)
                }
                sleep(for: pause)
                pause = min(pause * 2, settings.longestRetry)
            }
        }
    }

    /// The lane stops while nothing can be written: what was queued is lost, and all are told.
    private func abandon(_ work: CommitWork, error: StoreError) {
        logger.error(
            "store closed with lines that could not be written",
            metadata: ["error": "\(error)", "bytes": "\(work.cost)"])
        for request in work.writes { request.fail(error) }
        for channel in work.channels { fail(channel, with: error) }
        release(work.cost)
    }

    /// Gives a stream up: who waits is told, and what it has pending is dropped.
    func fail(_ channel: StreamChannel, with error: StoreError) {
        let (waiters, bytes) = channel.fail(error)
        for waiter in waiters { waiter.continuation.resume(throwing: error) }
        release(bytes)
    }

    private func expire(
        _ channel: StreamChannel, since deadline: ContinuousClock.Instant, with error: StoreError
    ) {
        for waiter in channel.expire(since: deadline) {
            waiter.continuation.resume(throwing: error)
        }
    }

    private func failEveryone(
        waitingSince deadline: ContinuousClock.Instant, with error: StoreError
    ) {
        let (writes, channels) = queue.withLock {
            ($0.expireWrites(since: deadline), $0.channels)
        }
        for request in writes { request.fail(error) }
        for channel in channels { expire(channel, since: deadline, with: error) }
    }

    func raise() {
        let (wasSet, _) = isSignalled.compareExchange(
            expected: false, desired: true, ordering: .sequentiallyConsistent)
        if wasSet { signal.signal() }
    }

    private func sleep(until deadline: ContinuousClock.Instant?) {
        guard let deadline else { return signal.wait() }
        let nanoseconds = max(0, (deadline - .now) / .nanoseconds(1))
        // Both answers, raised or timed out, lead to another look at the queue.
        _ = signal.wait(timeout: .now() + .nanoseconds(Int(nanoseconds)))
    }

    /// Sleeps through signals, but for a stop.
    private func sleep(for pause: Duration) {
        let deadline = ContinuousClock.now + pause
        while ContinuousClock.now < deadline, !queue.withLock({ $0.isStopping }) {
            isSignalled.store(false, ordering: .sequentiallyConsistent)
            sleep(until: deadline)
        }
        if queue.withLock({ $0.isStopping }) {
            // A stopping lane makes a few more attempts, a moment apart.
            _ = signal.wait(timeout: .now() + .milliseconds(20))
        }
    }

    static let closed = StoreError("write", .closed, path: "", "the store is closed")
}
