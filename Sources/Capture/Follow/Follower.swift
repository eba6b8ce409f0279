import HTTPClient
package import Kubernetes
package import LogModel
package import Logging
package import Store

/// Follows the log of one container instance: does what its ``FollowerMachine`` says.
///
/// ``run()`` is called once and returns when the stream is ended in the store, or when its task is
/// cancelled: then the stream stays live, and another follower takes it up at its last line.
package actor Follower {
    /// What all followers share.
    package struct Context: Sendable {
        package var client: KubernetesClient
        package var store: Store
        package var jobs: any JobDirectory
        package var observer: any StreamObserver
        package var settings: FollowerSettings
        package var gate: StartGate
        package var nodes: NodeVersions
        package var recovery: NodeRecovery
        package var statistics: CaptureStatistics
        package var writers: @Sendable (StreamID) -> [WriterQueue]
        package var logger: Logger
    }

    let target: FollowTarget
    let signals: InstanceSignals
    let context: Context
    var machine: FollowerMachine
    private(set) var logger: Logger
    /// What the last log request asked for, and what its answer may contain.
    var since: LogTime?
    var stamps = FragmentStamps.plausible
    /// The answer to it, while its body is read or waits.
    var response: HTTPResponse?
    /// How far the body was taken in, while it waits.
    var intake: BodyIntake?
    /// What follows the last stored line: one without a newline, which may or may not be complete.
    var heldBack: [LineBatch] = []
    /// When the last bytes of the current body came.
    var lastBytes = ContinuousClock.now
    /// When it was sent.
    var askedAt = LogTime(seconds: 0)
    /// When the stream was first taken up, by this follower or one before.
    private(set) var openedAt = LogTime.now

    /// A follower of `target`, which stands at `instance`; changes come through `signals`.
    package init(
        _ target: FollowTarget, at instance: InstanceState, signals: InstanceSignals,
        context: Context
    ) {
        self.target = target
        self.signals = signals
        self.context = context
        logger = context.logger
        logger[metadataKey: "stream"] = "\(target.id)"
        machine = FollowerMachine(
            instance: instance, storedBytes: 0, settings: context.settings, seed: 0)
    }

    /// Follows until the end.
    ///
    /// - Throws: ``StoreError`` when the stream cannot be opened; `CancellationError`.
    package func run() async throws {
        let stored = try await context.store.streams(StreamQuery(id: target.id)).first
        if stored?.state == .ended { return }
        openedAt = stored?.openedAt ?? .now
        var job: JobOfPod?
        if let pod = target.object {
            job = try await context.jobs.job(of: pod)
        } else if let row = stored?.job {
            job = JobOfPod(row: row)
        }
        let stream = try await context.store.openStream(
            StreamDescriptor(
                id: target.id, namespace: target.namespace, pod: target.pod, kind: target.kind,
                job: job?.row, startedAt: target.startedAt))
        // Of a Pod that is gone nobody knows the token any more; nor can its log be read.
        var extractor: OutputExtractor?
        if target.object != nil, let job, job.takesOutputs(from: target.id.container, target.kind) {
            extractor = OutputExtractor(token: job.outputToken)
            try await extractor?.resume(behind: stream)
        }
        var writer = MultiWriter(
            store: stream, storedBytes: stored?.bytes ?? 0,
            extractor: extractor, queues: context.writers(target.id))
        machine = FollowerMachine(
            instance: machine.instance,
            storedBytes: stream.lastLine == nil ? 0 : max(1, stored?.bytes ?? 1),
            settings: context.settings, seed: UInt64.random(in: 0...UInt64.max))
        try await follow(into: &writer)
    }

    private func follow(into writer: inout MultiWriter) async throws {
        var action = machine.start()
        while true {
            try Task.checkCancellation()
            let event: FollowerEvent?
            switch action {
            case .open(let plan): event = await open(plan, writer)
            case .askStatus:
                event = await askStatus()
                // The container runs on behind a clean end: what came last may be cut in mid-line.
                if event == .status(.running) { heldBack = [] }
            case .read(let deadline): event = await read(until: deadline, &writer)
            case .acceptBreak(let deadline):
                event = await read(until: deadline, acceptBreak: true, &writer)
            case .cutBody: event = cutBody()
            case .wait(let deadline): event = await wait(until: deadline)
            case .finish(let end, let loss, let withHeldBack):
                return try await finish(end, loss, withHeldBack, &writer)
            }
            try Task.checkCancellation()
            guard let event else { continue }
            if case .wait = action {
                action = handle(event) ?? action
                continue
            }
            while let change = signals.take() { _ = handle(.changed(change)) }
            // Every answer has an action; a machine without one would be asked again, not spin.
            action = handle(event) ?? .wait(until: .now + context.settings.longestBackoff)
        }
    }

    /// Waits for a change or the deadline. Only a broken body may wait with it.
    private func wait(until deadline: ContinuousClock.Instant?) async -> FollowerEvent? {
        if case .verifying = machine.state {} else { dropBody() }
        if machine.isWaitingForNode, let node = target.node {
            context.recovery.wait(target.id, on: node, signals)
        }
        defer {
            if machine.isWaitingForNode, let node = target.node {
                context.recovery.forget(target.id, on: node)
            }
        }
        while true {
            let event = await signals.next(until: deadline)
            // A wake that was meant for a read is over with that read.
            guard event == .timer, deadline.map({ $0 > .now }) ?? true else { return event }
        }
    }

    /// Takes in what the watch says, where the answer to the current action is known and counts.
    func learn(_ event: FollowerEvent) {
        if case .changed = event { _ = handle(event) }
    }

    func handle(_ event: FollowerEvent) -> FollowerAction? {
        let before = machine.state
        let action = machine.handle(event, now: .now)
        logger.trace(
            "follower moved",
            metadata: [
                "from": "\(before)", "event": "\(event)", "to": "\(machine.state)",
            ])
        return action
    }

    // MARK: - The end

    private func finish(
        _ end: InstanceState.End, _ loss: FollowerAction.Loss?, _ withHeldBack: Bool,
        _ writer: inout MultiWriter
    ) async throws {
        var delays = Backoff(initial: .milliseconds(500), maximum: .seconds(30))
        var generator = SystemRandomNumberGenerator()
        let loss = loss ?? lossOfEmptyLog(withHeldBack, writer)
        while true {
            do {
                while withHeldBack, let batch = heldBack.first {
                    // Before a loss it may be the beginning of a line: no output is made of it.
                    try await writer.append(batch, isLast: loss == nil && heldBack.count == 1)
                    heldBack.removeFirst()
                }
                if let loss,
                    try await writer.append(
                        gap: loss.certainty, until: .now, reason: loss.reason)
                {
                    context.statistics.count(\.gaps)
                    logger.warning("lines may be missing", metadata: ["reason": "\(loss.reason)"])
                }
                try await writer.end(end)
                break
            } catch let error as StoreError where error.isRetriable {
                logger.warning("the stream cannot be ended", metadata: ["error": "\(error)"])
                try await Task.sleep(for: delays.next(using: &generator))
            }
        }
        await context.observer.streamEnded(target.id)
    }

    /// What may be missing from a log that is complete and has no line.
    private func lossOfEmptyLog(
        _ withHeldBack: Bool, _ writer: MultiWriter
    ) -> FollowerAction.Loss? {
        guard target.startedAt != nil, writer.store.next == 0, !withHeldBack || heldBack.isEmpty
        else { return nil }
        return LateJoin(startedAt: target.startedAt, openedAt: openedAt, joinedAt: openedAt)
            .reason(emptyUntil: target.finishedAt)
            .map { .init(certainty: .possible, reason: $0) }
    }
}
