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
        package var statistics: CaptureStatistics
        package var writers: @Sendable (StreamID) -> [WriterQueue]
        package var logger: Logger
    }

    private let target: FollowTarget
    private let signals: InstanceSignals
    private let context: Context
    private var machine: FollowerMachine
    private var since: LogTime?
    private var response: HTTPResponse?
    private var heldBack: [LineBatch] = []
    /// When the last bytes of the current body came.
    private var lastBytes = ContinuousClock.now
    private var logger: Logger

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
            instance: instance, hasLines: false, settings: context.settings, seed: 0)
    }

    /// Follows until the end.
    ///
    /// - Throws: ``StoreError`` when the stream cannot be opened; `CancellationError`.
    package func run() async throws {
        let stored = try await context.store.streams(StreamQuery(id: target.id)).first
        if stored?.state == .ended { return }
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
        let isParsed = target.kind == .main && job != nil
        var writer = MultiWriter(
            store: stream, storedBytes: stored?.bytes ?? 0,
            extractor: isParsed ? OutputExtractor(token: job?.outputToken) : nil,
            queues: context.writers(target.id))
        machine = FollowerMachine(
            instance: machine.instance, hasLines: stream.lastLine != nil,
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
            case .askStatus: event = await askStatus()
            case .read(let deadline): event = await read(until: deadline, &writer)
            case .cutBody: event = giveBodyUp()
            case .wait(let deadline): event = await signals.next(until: deadline)
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

    private func handle(_ event: FollowerEvent) -> FollowerAction? {
        let before = machine.state
        let action = machine.handle(event, now: .now)
        logger.trace(
            "follower moved",
            metadata: [
                "from": "\(before)", "event": "\(event)", "to": "\(machine.state)",
            ])
        return action
    }

    // MARK: - Requests

    private func open(_ plan: LogPlan, _ writer: MultiWriter) async -> FollowerEvent {
        await context.gate.pass(isUrgent: !plan.follow)
        response?.body.cancel()
        response = nil
        since = resumePoint(plan, writer)
        var request = PodLogRequest(
            namespace: target.namespace, pod: target.pod, container: target.id.container)
        request.follow = plan.follow
        request.previous = plan.previous
        request.sinceTime = since
        context.statistics.count(\.requests)
        do {
            let response = try await context.client.openLog(request)
            if response.status == 200 {
                self.response = response
                return .answered(.body)
            }
            let body = try await response.body.collect(upTo: 64 << 10)
            let status = KubernetesStatus.decode(body)
            let wait =
                response.field("Retry-After").flatMap { Int($0) }
                ?? status?.details?.retryAfterSeconds
            let answer = LogAnswer(
                code: response.status, kind: status?.details?.kind,
                message: status?.message ?? String(decoding: body.prefix(300), as: UTF8.self),
                retryAfter: wait.map { .seconds(min(max($0, 0), 3600)) })
            logger.debug("log request answered", metadata: ["answer": "\(answer)"])
            return .answered(answer)
        } catch {
            return failed(error)
        }
    }

    /// From when on a request asks: a little before the last line, in whole seconds; `nil` for all.
    private func resumePoint(_ plan: LogPlan, _ writer: MultiWriter) -> LogTime? {
        guard let last = writer.store.lastLine else { return nil }
        if !plan.follow, writer.bytes <= context.settings.wholeBytes { return nil }
        return LogTime(
            seconds: last.time.wholeSeconds - context.settings.slack.components.seconds)
    }

    private func askStatus() async -> FollowerEvent {
        context.statistics.count(\.requests)
        do {
            let pod = try await context.client.pod(namespace: target.namespace, name: target.pod)
            guard let pod, pod.metadata.uid == target.id.podUID else { return .status(.gone) }
            let container = pod.containers.first { $0.name == target.id.container }
            let state = InstanceState(attempt: target.id.attempt, of: container?.status)
            return .status(state.concluded(by: pod.status))
        } catch {
            return failed(error)
        }
    }

    private func failed(_ error: any Error) -> FollowerEvent {
        logger.debug("request failed", metadata: ["error": "\(error)"])
        return .requestFailed("\(error)", retryAfter: (error as? KubernetesError)?.retryAfter)
    }

    // MARK: - Bodies

    private func giveBodyUp() -> FollowerEvent {
        response?.body.cancel()
        response = nil
        return .bodyEnded(BodyEnd(kind: .cut))
    }

    /// Reads the body, while the machine hears of changes and of the deadline.
    private func read(
        until deadline: ContinuousClock.Instant, _ writer: inout MultiWriter
    ) async -> FollowerEvent {
        guard let body = response?.body else { return .bodyEnded(BodyEnd(kind: .cut)) }
        // Cancelled, and waited for, when this returns.
        async let _ = watch(body, until: deadline)
        let end = await withTaskCancellationHandler {
            await take(body, into: &writer)
        } onCancel: {
            body.cancel()
        }
        response = nil
        return .bodyEnded(end)
    }

    /// Hears of changes while a body is read, and cuts it when the machine says so.
    ///
    /// After the end of the instance the deadline is one of silence: what is still on its way may be
    /// in a file that no other request would get.
    private func watch(_ body: HTTPBody, until deadline: ContinuousClock.Instant) async {
        var deadline = deadline
        var hasEnded = false
        while let event = await signals.next(until: deadline), !Task.isCancelled {
            let quiet = lastBytes + context.settings.endGrace
            if event == .timer, hasEnded, quiet > .now {
                deadline = quiet
                continue
            }
            switch handle(event) {
            case .read(let until):
                deadline = until
                hasEnded = event != .timer || hasEnded
            case .cutBody: return body.cancel()
            default: break
            }
        }
    }

    private func take(_ body: HTTPBody, into writer: inout MultiWriter) async -> BodyEnd {
        heldBack = []
        do {
            var intake = try await BodyIntake(
                since: since, stamps: context.settings.stamps, writer: writer.store)
            var kind = BodyEnd.Kind.clean
            do {
                while let chunk = try await body.next() {
                    lastBytes = .now
                    let before = intake.fresh
                    try await intake.take(chunk, into: &writer)
                    if intake.fresh > before, machine.arrived(bytes: chunk.count, now: .now) {
                        signals.nudge()  // From now on silence has a deadline.
                    }
                }
            } catch let error as HTTPClientError {
                logger.debug("log body cut", metadata: ["error": "\(error)"])
                kind = .cut
            }
            let end = try await intake.finish(kind, into: &writer)
            heldBack = intake.heldBack
            if intake.foundGap {
                context.statistics.count(\.gaps)
                logger.warning("lines may be missing: the log was rotated")
            }
            if let text = end.text {
                logger.warning("the kubelet reports", metadata: ["text": "\(text)"])
            }
            context.statistics.add(lines: end.fresh)
            return end
        } catch {
            body.cancel()
            logger.warning("the store cannot take lines", metadata: ["error": "\(error)"])
            return BodyEnd(kind: .heldBack)
        }
    }

    // MARK: - The end

    private func finish(
        _ end: InstanceState.End, _ loss: FollowerAction.Loss?, _ withHeldBack: Bool,
        _ writer: inout MultiWriter
    ) async throws {
        var delays = Backoff(initial: .milliseconds(500), maximum: .seconds(30))
        var generator = SystemRandomNumberGenerator()
        while true {
            do {
                while withHeldBack, let batch = heldBack.first {
                    try await writer.append(batch, isLast: heldBack.count == 1)
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
}
