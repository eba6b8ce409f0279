import HTTPClient
import LogModel
import Logging
import Store

// How a follower reads the body of a log response.
extension Follower {
    /// Reads the body, while the machine hears of changes and of the deadline.
    func read(
        until deadline: ContinuousClock.Instant, acceptBreak: Bool = false,
        _ writer: inout MultiWriter
    ) async -> FollowerEvent {
        guard let body = response?.body else { return .bodyEnded(BodyEnd(kind: .cut)) }
        // Cancelled, and waited for, when this returns.
        async let _ = watch(body, until: deadline)
        let event = await withTaskCancellationHandler {
            await take(body, acceptBreak: acceptBreak, into: &writer)
        } onCancel: {
            body.cancel()
        }
        if case .bodyEnded = event { dropBody() }
        return event
    }

    /// Stops the body that is being read, or that waits.
    func cutBody() -> FollowerEvent {
        dropBody()
        return .bodyEnded(BodyEnd(kind: .cut))
    }

    /// Lets go of the body, if there is one.
    func dropBody() {
        response?.body.cancel()
        response = nil
        intake = nil
    }

    /// Hears of changes while a body is read, and cuts it when the machine says so.
    ///
    /// After the end of the instance the deadline is one of silence: what is still on its way may be
    /// in a file that no other request would get.
    private func watch(_ body: HTTPBody, until deadline: ContinuousClock.Instant) async {
        var deadline = deadline
        while let event = await signals.next(until: deadline) {
            // The body is over. A change that was taken meanwhile is not told again.
            if Task.isCancelled { return learn(event) }
            let quiet = lastBytes + context.settings.endGrace
            if event == .timer, machine.hasEnded, quiet > .now {
                deadline = quiet
                continue
            }
            switch handle(event) {
            case .read(let until): deadline = until
            case .cutBody: return body.cancel()
            default: break
            }
        }
    }

    private func take(
        _ body: HTTPBody, acceptBreak: Bool, into writer: inout MultiWriter
    ) async -> FollowerEvent {
        do {
            var intake: BodyIntake
            if let waiting = self.intake {
                intake = waiting
                self.intake = nil
            } else {
                intake = try await beginIntake(writer)
            }
            var told = (lines: intake.fresh, gaps: intake.gaps.count)
            if acceptBreak { try await intake.acceptBreak(into: &writer) }
            tell(of: intake, behind: &told)
            while !intake.isFinished, !intake.isBroken {
                try await takeNext(of: body, &intake, into: &writer)
                tell(of: intake, behind: &told)
            }
            if intake.isBroken {
                self.intake = intake
                return .bodyBroken
            }
            if intake.end.isProven || intake.fresh > 0 {
                let isWhole = intake.end.kind == .clean && intake.end.text == nil
                heldBack = isWhole ? intake.heldBack : []
            }
            if let text = intake.end.text {
                logger.warning("the kubelet reports", metadata: ["text": "\(text)"])
            }
            return .bodyEnded(intake.end)
        } catch {
            body.cancel()
            heldBack = []
            logger.warning("the store cannot take lines", metadata: ["error": "\(error)"])
            return .bodyEnded(BodyEnd(kind: .heldBack))
        }
    }

    /// Counts what was appended since it was last `told`, and logs gaps.
    private func tell(of intake: BodyIntake, behind told: inout (lines: Int, gaps: Int)) {
        if intake.fresh > told.lines { context.statistics.add(lines: intake.fresh - told.lines) }
        for reason in intake.gaps[told.gaps...] {
            context.statistics.count(\.gaps)
            logger.warning("lines may be missing", metadata: ["reason": "\(reason)"])
        }
        told = (intake.fresh, intake.gaps.count)
    }

    private func beginIntake(_ writer: MultiWriter) async throws -> BodyIntake {
        let lateJoin = LateJoin(
            startedAt: target.startedAt, openedAt: openedAt, joinedAt: askedAt)
        return try await BodyIntake(
            since: since, stamps: stamps, lateJoin: lateJoin, writer: writer.store)
    }

    /// Takes the next chunk, or the end.
    private func takeNext(
        of body: HTTPBody, _ intake: inout BodyIntake, into writer: inout MultiWriter
    ) async throws {
        let chunk: [UInt8]?
        do {
            chunk = try await body.next()
        } catch let error as HTTPClientError {
            logger.debug("log body cut", metadata: ["error": "\(error)"])
            return try await intake.finish(.cut, into: &writer)
        }
        guard let chunk else { return try await intake.finish(.clean, into: &writer) }
        lastBytes = .now
        let before = intake.fresh
        try await intake.take(chunk, into: &writer)
        if intake.fresh > before, machine.arrived(bytes: chunk.count, now: .now) {
            signals.nudge()  // From now on silence has a deadline.
        }
    }
}
