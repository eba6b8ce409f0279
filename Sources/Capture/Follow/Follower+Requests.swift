import HTTPClient
import Kubernetes
import LogModel
import Logging
import Store

// The requests that a follower sends.
extension Follower {
    /// Sends a log request and waits for the head of its answer.
    ///
    /// The head of a follow may come only with the container's first byte. Meanwhile changes are
    /// heard, and a request that is not answered though the instance has ended is given up.
    func open(_ plan: LogPlan, _ writer: MultiWriter) async -> FollowerEvent {
        dropBody()
        do {
            // What is not committed is not in the overlap; a body should not have to wait for it.
            try await writer.store.committed()
        } catch {
            logger.warning("the store cannot take lines", metadata: ["error": "\(error)"])
            if let error = error as? StoreError, error.isRetriable { return .heldBack }
            return .requestFailed("the store cannot take lines", retryAfter: nil)
        }
        let ticket = await context.gate.pass(plan.follow ? .follow : .lastRead)
        let version = await context.nodes.kubeletVersion(of: target.node)
        since = resumePoint(plan, writer)
        stamps = FragmentStamps(kubelet: version)
        machine.watchesSilence = version?.followsAcrossRotation != true
        var request = PodLogRequest(
            namespace: target.namespace, pod: target.pod, container: target.id.container)
        request.follow = plan.follow
        request.previous = plan.previous
        request.sinceTime = since
        context.statistics.count(\.requests)
        askedAt = .now
        do {
            let response = try await sendHearing(request)
            let answer = try await answer(of: response)
            if answer == .body {
                self.response = response
                if let node = target.node { context.recovery.answered(by: node) }
            }
            if case .busy(let wait) = answer {
                await context.gate.report(.refused(wait), ticket: ticket)
            }
            logger.debug("log request answered", metadata: ["answer": "\(answer)"])
            return .answered(answer)
        } catch {
            return await failed(error, ticket)
        }
    }

    /// Asks the API server how the instance stands.
    func askStatus() async -> FollowerEvent {
        let ticket = await context.gate.pass(.status)
        context.statistics.count(\.requests)
        do {
            let pod = try await context.client.pod(namespace: target.namespace, name: target.pod)
            guard let pod else { return .status(.gone) }
            guard pod.metadata.uid == target.id.podUID else { return .nameTaken }
            let container = pod.containers.first { $0.name == target.id.container }
            let state = InstanceState(attempt: target.id.attempt, of: container?.status)
            return .status(state.concluded(by: pod.status, open: response != nil))
        } catch {
            return await failed(error, ticket)
        }
    }

    /// Sends a request; cancels it when its instance has ended and no answer comes.
    private func sendHearing(_ request: PodLogRequest) async throws -> HTTPResponse {
        let client = context.client
        return try await withThrowingTaskGroup(of: HTTPResponse?.self) { group in
            group.addTask { try await client.openLog(request) }
            group.addTask {
                await self.hearUntilOverdue()
                return nil
            }
            defer { group.cancelAll() }
            while let first = try await group.next() {
                if let first { return first }
                group.cancelAll()
            }
            throw CancellationError()
        }
    }

    /// Hears of changes; returns when the instance has ended some time ago, or when cancelled.
    private func hearUntilOverdue() async {
        var deadline: ContinuousClock.Instant?
        while let event = await signals.next(until: deadline) {
            // The answer has come. A change that was taken meanwhile is not told again.
            if Task.isCancelled { return learn(event) }
            if event == .timer, let deadline, deadline <= .now { return }
            _ = handle(event)
            if machine.hasEnded { deadline = deadline ?? .now + context.settings.headGrace }
        }
    }

    private func answer(of response: HTTPResponse) async throws -> LogAnswer {
        if response.status == 200 { return .body }
        let body = try await response.body.collect(upTo: 64 << 10)
        return LogAnswer(
            code: response.status, body: body, retryAfter: response.field("Retry-After"))
    }

    /// From when on a request asks: a little before the last line, in whole seconds; `nil` for all.
    private func resumePoint(_ plan: LogPlan, _ writer: MultiWriter) -> LogTime? {
        guard let last = writer.store.lastLine else { return nil }
        if !plan.follow, writer.bytes <= context.settings.wholeBytes { return nil }
        return LogTime(
            seconds: last.time.wholeSeconds - context.settings.slack.components.seconds)
    }

    private func failed(_ error: any Error, _ ticket: Int) async -> FollowerEvent {
        logger.debug("request failed", metadata: ["error": "\(error)"])
        if error is CancellationError {
            return .requestFailed("no answer came", retryAfter: nil)
        }
        let failure = error as? KubernetesError
        if failure?.status == 429 {
            await context.gate.report(
                .refused(failure?.retryAfter ?? .seconds(1)), ticket: ticket)
        } else if failure?.status == nil {
            await context.gate.report(.lost, ticket: ticket)
        }
        return .requestFailed("\(error)", retryAfter: failure?.retryAfter)
    }
}
