package import Kubernetes
package import LogModel
package import Logging
package import Store

/// Turns what the watch sees of Pods into the status of jobs and workflows, and keeps it.
///
/// What is observed goes into an inbox; ``run()`` takes all that waits there, works out what has
/// changed with a ``JobBook`` and writes it in one transaction, so that ten thousand Pods that
/// change at once cost a few commits. A job's end is written only when every log of it is complete
/// in the store.
package actor StatusFetcher: PodObserver {
    /// The job that a Pod belongs to, as Capture asks for it.
    package struct JobOfPod: Sendable, Equatable {
        /// The job's row in the store.
        package let row: Int64
        /// The token that the Pod's output lines must carry, if it has one.
        package let outputToken: String?
    }

    /// Something that waits in the inbox.
    private enum Item {
        case event(PodEvent)
        case question(Pod, CheckedContinuation<JobOfPod, any Error>)
        case streamEnded(podUID: String)
    }

    /// The annotation whose value must stand in the output lines of a Pod.
    package static let outputTokenAnnotation = "podwire.dev/output-token"
    /// Items at which the watch has to wait: 10,000 Pods' changes, some 50 MiB.
    private static let inboxLimit = 10_000

    private let store: Store
    private let logger: Logger
    private var book: JobBook
    private var rows: [String: Int64] = [:]
    private var inbox: [Item] = []
    private var isStopped = false
    /// Says that the inbox is not empty; one signal stands for all that came since the last.
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private var waitingForRoom: [CheckedContinuation<Void, Never>] = []

    /// - Parameters:
    ///   - store: where everything is kept.
    ///   - mapping: which job a Pod belongs to.
    ///   - logger: takes what the store refuses.
    package init(store: Store, mapping: JobMapping, logger: Logger) {
        self.store = store
        self.logger = logger
        book = JobBook(mapping: mapping)
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Puts back what an earlier run has stored. Call it once, before ``run()``.
    package func restore() async throws {
        let stored = try await store.read { try StoredJobs.load($0) }
        for job in stored {
            book.restore(job.job)
            rows[job.job.uid] = job.row
        }
        // Ends that were waiting for a log when the daemon stopped may be due by now.
        for (job, _) in book.pendingEnds {
            if let uid = job.pods.keys.first { put(.streamEnded(podUID: uid)) }
        }
    }

    /// Takes what the watch saw. Waits while the inbox is full.
    package func observe(_ event: PodEvent) async {
        while inbox.count >= Self.inboxLimit, !isStopped {
            await withCheckedContinuation { waitingForRoom.append($0) }
        }
        put(.event(event))
    }

    /// The job that `pod` belongs to; its row is in the store when this returns.
    package func job(of pod: Pod) async throws -> JobOfPod {
        if let job = book.job(ofPod: pod.metadata.uid), let row = rows[job.uid] {
            return JobOfPod(row: row, outputToken: Self.outputToken(of: pod))
        }
        return try await withCheckedThrowingContinuation { put(.question(pod, $0)) }
    }

    /// Takes in that the log of one of a Pod's instances is complete in the store.
    package func streamEnded(_ id: StreamID) {
        put(.streamEnded(podUID: id.podUID))
    }

    /// Works until the task is cancelled.
    package func run() async {
        for await _ in signals {
            let items = inbox
            inbox = []
            for waiter in waitingForRoom { waiter.resume() }
            waitingForRoom = []
            await work(on: items)
        }
        stop()
    }

    // MARK: The worker

    private func work(on items: [Item]) async {
        var changes: [JobBook.Change] = []
        var questions: [(pod: Pod, answer: CheckedContinuation<JobOfPod, any Error>)] = []
        for item in items {
            switch item {
            case .event(let event): changes += apply(event)
            case .question(let pod, let answer):
                if book.job(ofPod: pod.metadata.uid) == nil { changes += book.observe(pod) }
                questions.append((pod, answer))
            case .streamEnded(let uid):
                if let job = book.job(ofPod: uid), let end = job.pendingEnd {
                    changes.append(.end(job, end))
                }
            }
        }
        let isWritten = await write(changes)
        for (pod, answer) in questions {
            if isWritten, let job = book.job(ofPod: pod.metadata.uid), let row = rows[job.uid] {
                answer.resume(
                    returning: JobOfPod(row: row, outputToken: Self.outputToken(of: pod)))
            } else {
                answer.resume(throwing: CancellationError())
            }
        }
    }

    private func apply(_ event: PodEvent) -> [JobBook.Change] {
        switch event {
        case .updated(let pod): return book.observe(pod)
        case .deleted(let pod): return book.observeDeletion(of: pod, at: .now)
        case .replaced(let pods, let namespace):
            let listed = Set(pods.map(\.metadata.uid))
            let gone = book.presentPods(in: namespace).subtracting(listed)
            return book.observeAbsence(of: gone, at: .now) + pods.flatMap { book.observe($0) }
        }
    }

    /// Writes changes, and then what follows from the ends among them.
    ///
    /// - Returns: `false` when the task was cancelled or the store closed before it was done.
    private func write(_ changes: [JobBook.Change]) async -> Bool {
        var changes = changes
        while !changes.isEmpty {
            guard let written = await commit(changes) else { return false }
            for (uid, row) in written.rows { rows[uid] = row }
            changes = written.ended.flatMap { book.ended($0) }
            for uid in rows.keys where written.ended.contains(uid) && book.jobs[uid] == nil {
                rows[uid] = nil
            }
        }
        return true
    }

    /// One transaction, tried until the store takes it.
    private func commit(_ changes: [JobBook.Change]) async -> StatusWriter.Result? {
        var delay = Duration.milliseconds(100)
        while !Task.isCancelled {
            do {
                return try await store.write { transaction in
                    var writer = StatusWriter(transaction)
                    return try writer.write(changes)
                }
            } catch {
                logger.error(
                    "Job status cannot be written; trying again",
                    metadata: ["error": "\(error)", "changes": "\(changes.count)"])
                do {
                    try await Task.sleep(for: delay)
                } catch {
                    return nil  // Cancelled while waiting: the daemon stops.
                }
                delay = min(delay * 2, .seconds(10))
            }
        }
        return nil
    }

    // MARK: The inbox

    private func put(_ item: Item) {
        if isStopped {
            if case .question(_, let answer) = item { answer.resume(throwing: CancellationError()) }
            return
        }
        inbox.append(item)
        signal.yield()
    }

    /// Answers everyone who still waits.
    private func stop() {
        isStopped = true
        for case .question(_, let answer) in inbox { answer.resume(throwing: CancellationError()) }
        inbox = []
        for waiter in waitingForRoom { waiter.resume() }
        waitingForRoom = []
    }

    private static func outputToken(of pod: Pod) -> String? {
        pod.metadata.annotations[outputTokenAnnotation]
    }
}
