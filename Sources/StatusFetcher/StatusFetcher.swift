package import Kubernetes
package import LogModel
package import Logging
import StatusModel
package import Store

/// Turns what the watches see of Pods and Jobs, and what engines declare, into the status of jobs and
/// workflows, and keeps it.
///
/// What is observed goes into an inbox; ``run()`` takes all that waits there, works out what has
/// changed with a ``JobBook`` and writes it in one transaction, so that ten thousand Pods that
/// change at once cost a few commits. A job's end is written only when every log of it is complete
/// in the store.
package actor StatusFetcher: PodObserver, JobObserver {
    /// The job that a Pod belongs to, as Capture asks for it.
    package struct JobOfPod: Sendable, Equatable {
        /// The job's row in the store.
        package let row: Int64
        /// The token that the Pod's output lines must carry, if it has one.
        package let outputToken: String?
    }

    /// The annotation whose value must stand in the output lines of a Pod.
    package static let outputTokenAnnotation = "podwire.dev/output-token"
    /// Items at which the watch has to wait: 10,000 Pods' changes, some 50 MiB.
    private static let inboxLimit = 10_000

    private let store: Store
    private let logger: Logger
    private var book: JobBook
    private var rows: [String: Int64] = [:]
    private var objects: PodObjects
    private var inbox: [StatusItem] = []
    private var isStopped = false
    /// Says that the inbox is not empty; one signal stands for all that came since the last.
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private var waitingForRoom: [CheckedContinuation<Void, Never>] = []
    /// What follows from what was restored, until it is written.
    private var toCatchUp: [JobBook.Change] = []

    /// - Parameters:
    ///   - store: where everything is kept.
    ///   - mapping: which job a Pod belongs to.
    ///   - takesJobsAlone: whether a Job is a job before a Pod of it was seen.
    ///   - logger: takes what the store refuses.
    package init(
        store: Store, mapping: JobMapping, takesJobsAlone: Bool = true, logger: Logger
    ) {
        self.store = store
        self.logger = logger
        book = JobBook(mapping: mapping, takesJobsAlone: takesJobsAlone)
        objects = PodObjects(pack: store.pack)
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Puts back what an earlier run has stored. Call it once, before ``run()``.
    package func restore() async throws {
        let stored = try await store.read { snapshot in
            (
                try StoredJobs.workflows(snapshot), try StoredJobs.jobs(snapshot),
                try snapshot.storedVersions()
            )
        }
        await StoredJobs.openStreams(of: stored.1, in: store, logger)
        objects.restore(stored.2)
        for workflow in stored.0 { book.restore(workflow) }
        for job in stored.1 {
            book.restore(job.job)
            if book.jobs[job.job.uid] != nil { rows[job.job.uid] = job.row }
        }
        toCatchUp = book.catchUp()
        // Ends that were waiting for a log when the daemon stopped may be due by now.
        for (job, _) in book.pendingEnds {
            if let uid = job.pods.states.keys.first { put(.streamEnded(podUID: uid)) }
        }
        if !toCatchUp.isEmpty { signal.yield() }
    }

    /// Takes what the watch saw. Waits while the inbox is full.
    package func observe(_ event: PodEvent) async {
        await waitForRoom()
        put(.event(event))
    }

    /// Takes what the watch of Jobs saw. Waits while the inbox is full.
    package func observe(_ event: JobEvent) async {
        await waitForRoom()
        put(.jobEvent(event))
    }

    /// Takes in that Jobs cannot be watched.
    package func unavailable(_ reason: String, namespace: String?) {
        put(.withoutJobs(namespace: namespace))
    }

    /// What the watches leave in doubt now; see ``settle(_:pods:)``.
    package var doubts: [JobBook.Doubt] { book.doubts }

    /// Takes in what the cluster has answered to a doubt: the UIDs of the watched Pods of a Job; for a Job that
    /// was asked for, that it does not exist.
    package func settle(_ doubt: JobBook.Doubt, pods: Set<String>) {
        put(.settled(doubt, pods: pods))
    }

    /// Does what an engine has asked for; it is in the store when this returns.
    func carryOut(_ request: EngineOrder.Request) async throws -> Bool {
        try await withCheckedThrowingContinuation { answer in
            put(.order(EngineOrder(request: request, answer: answer)))
        }
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

    private func work(on items: [StatusItem]) async {
        let recalled = await recall(items)
        var changes = toCatchUp
        toCatchUp = []
        var orders: [(answer: CheckedContinuation<Bool, any Error>, isNew: Bool)] = []
        var questions: [(pod: Pod, answer: CheckedContinuation<JobOfPod, any Error>)] = []
        for item in items {
            switch item {
            case .event(let event):
                changes += apply(event)
                observeObjects(event)
            case .jobEvent(let event): changes += apply(event)
            case .withoutJobs(let namespace):
                changes += book.setJobs(areWatched: false, in: namespace)
            case .settled(.pods(let job, _, _, _), let pods):
                changes += book.settle(podsOf: job, are: pods)
            case .settled(.job(let job, _, _, _), _):
                changes += book.settle(absenceOfJobOf: job)
            case .order(let order):
                do {
                    let (result, isNew) = try await apply(order.request)
                    changes += result
                    orders.append((order.answer, isNew))
                } catch {
                    order.answer.resume(throwing: error)
                }
            case .question(let pod, let answer):
                if book.job(ofPod: pod.metadata.uid) == nil { changes += book.observe(pod) }
                questions.append((pod, answer))
            case .streamEnded(let uid):
                if let job = book.job(ofPod: uid), let end = job.pendingEnd {
                    changes.append(.end(job, end))
                }
            }
        }
        let isWritten = await write(changes, objects.takeChanges())
        for (answer, isNew) in orders {
            if isWritten {
                answer.resume(returning: isNew)
            } else {
                answer.resume(throwing: CancellationError())
            }
        }
        for (pod, answer) in questions {
            if isWritten, let job = book.job(ofPod: pod.metadata.uid), let row = rows[job.uid] {
                answer.resume(
                    returning: JobOfPod(row: row, outputToken: Self.outputToken(of: pod)))
            } else {
                answer.resume(throwing: CancellationError())
            }
        }
        for uid in recalled {
            book.forgetIfGone(uid)
            if book.jobs[uid] == nil { rows[uid] = nil }
        }
    }

    /// Takes back into the book what is stored of jobs that the items name and the book does not
    /// know: a Job may start a Pod again after its job has ended and left the book, and a Pod's last
    /// container may be followed only then.
    ///
    /// - Returns: the UIDs of the jobs that were taken back.
    private func recall(_ items: [StatusItem]) async -> [String] {
        let owners = Set(items.flatMap { $0.owners }).filter(book.isUnknown)
        guard !owners.isEmpty else { return [] }
        let found = await attempt("Stored jobs cannot be read; trying again") {
            try await self.store.read { try StoredJobs.jobs(owners.sorted(), $0) }
        }
        for (stored, workflow) in found ?? [] {
            book.recall(stored.job, of: workflow)
            rows[stored.job.uid] = stored.row
        }
        return (found ?? []).map(\.stored.job.uid)
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

    private func observeObjects(_ event: PodEvent) {
        do {
            try objects.observe(event, at: .now)
        } catch {
            // Our own small form of an object that is too large: strings and nothing else.
            logger.error("A Pod's object cannot be kept", metadata: ["error": "\(error)"])
        }
    }

    private func apply(_ event: JobEvent) -> [JobBook.Change] {
        switch event {
        case .updated(let job): book.observe(job)
        case .deleted(let job): book.observeDeletion(of: job, at: .now)
        case .replaced(let jobs, let namespace):
            book.observeAll(jobs, namespace: namespace, at: .now)
        }
    }

    /// The run that an engine means, where the book does not find it: it is over, or one job alone.
    private func past(_ request: EngineOrder.Request) async throws -> WorkflowState? {
        let (namespace, name) = (request.namespace, request.name)
        let known = book.workflows.run(namespace: namespace, name: name)?.state
        guard let run = request.plan?.run else {
            guard known == nil else { return nil }
            return try await store.read { snapshot in
                try snapshot.workflow(namespace: namespace, name: name).map(StoredJobs.state)
            }
        }
        if let known, known.declaration?.plan.run == run { return nil }
        return try await store.read { snapshot in
            let uid = WorkflowBook.uid(namespace: namespace, name: name, run: run)
            if let row = try snapshot.workflow(uid: uid) { return try StoredJobs.state(row) }
            // A run whose first jobs came before its declaration has the UID of one of them.
            let latest = try snapshot.workflow(namespace: namespace, name: name)
            return try latest.map(StoredJobs.state).flatMap { state in
                state.status == .end && state.declaration?.plan.run == run ? state : nil
            }
        }
    }

    private func apply(
        _ request: EngineOrder.Request
    ) async throws -> (changes: [JobBook.Change], isNew: Bool) {
        let stored = try await past(request)
        switch request.action {
        case .declare(let plan):
            if let stored {
                guard stored.declaration?.plan == plan else {
                    throw WorkflowRefusal(
                        .conflict,
                        "the run \"\(plan.run)\" of this workflow is over; declare another run")
                }
                return ([], false)
            }
            return try book.declare(
                plan, namespace: request.namespace, name: request.name, at: .now)
        case .command(let command):
            // A job that is a workflow of its own is not found by its name, even while it runs.
            if let stored { _ = try stored.declared(for: command) }
            return (
                try book.command(command, namespace: request.namespace, name: request.name), false
            )
        }
    }

    /// Writes changes, and then what follows from the ends among them.
    ///
    /// - Returns: `false` when the task was cancelled or the store closed before it was done.
    private func write(
        _ changes: [JobBook.Change], _ objects: [PodObjects.Change]
    ) async -> Bool {
        var changes = changes
        var objects = objects
        while !changes.isEmpty || !objects.isEmpty {
            // An end that something later in the same batch has taken back is none, and once is enough.
            var due: Set<String> = []
            changes = changes.reversed().filter { change in
                guard case .end(let job, let state) = change else { return true }
                return book.jobs[job.uid]?.pendingEnd == state && due.insert(job.uid).inserted
            }.reversed()
            guard let written = await commit(changes, objects) else { return false }
            objects = []
            for (uid, row) in written.rows { rows[uid] = row }
            let followUp = written.ended.flatMap { book.ended($0) }
            for uid in changes.compactMap(\.jobUID) where book.jobs[uid] == nil {
                rows[uid] = nil
            }
            changes = followUp
        }
        return true
    }

    /// One transaction, tried until the store takes it.
    private func commit(
        _ changes: [JobBook.Change], _ objects: [PodObjects.Change]
    ) async -> StatusWriter.Result? {
        await attempt("Job status cannot be written; trying again") {
            try await self.store.write { transaction in
                var writer = StatusWriter(transaction)
                try writer.write(objects)
                return try writer.write(changes)
            }
        }
    }

    /// Uses the store until it works.
    ///
    /// - Returns: `nil` when the task was cancelled.
    private func attempt<T: Sendable>(
        _ failure: Logger.Message, _ use: () async throws -> T
    ) async -> T? {
        var delay = Duration.milliseconds(100)
        while !Task.isCancelled {
            do {
                return try await use()
            } catch {
                logger.error(failure, metadata: ["error": "\(error)"])
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

    private func put(_ item: StatusItem) {
        if isStopped {
            refuse(item)
            return
        }
        inbox.append(item)
        signal.yield()
    }

    private func waitForRoom() async {
        while inbox.count >= Self.inboxLimit, !isStopped {
            await withCheckedContinuation { waitingForRoom.append($0) }
        }
    }

    /// Tells whoever waits for an answer that there will be none.
    private func refuse(_ item: StatusItem) {
        switch item {
        case .question(_, let answer): answer.resume(throwing: CancellationError())
        case .order(let order): order.answer.resume(throwing: CancellationError())
        case .event, .jobEvent, .withoutJobs, .settled, .streamEnded: break
        }
    }

    /// Answers everyone who still waits.
    private func stop() {
        isStopped = true
        for item in inbox { refuse(item) }
        inbox = []
        for waiter in waitingForRoom { waiter.resume() }
        waitingForRoom = []
    }

    private static func outputToken(of pod: Pod) -> String? {
        pod.metadata.annotations[outputTokenAnnotation]
    }
}
