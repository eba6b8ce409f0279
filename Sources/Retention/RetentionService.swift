import LogModel
package import Logging
package import Store

/// Deletes what is no longer kept, in a pass a minute, until it is cancelled.
///
/// Each step is a transaction of its own, and others get their turn between two of them. Whoever
/// reads what is deleted is told: events and logs answer `410`, and a durable consumer that wanted
/// one of the events expires.
package struct RetentionService: Sendable {
    /// The time between two passes, 1 min: what is kept longer is kept for that much longer at most.
    static let interval: Duration = .seconds(60)
    /// The pause between two steps, 20 ms: deleting takes less than half of the writer's time.
    static let pause: Duration = .milliseconds(20)

    private let plan: RetentionPlan
    private let store: Store
    private let clock: RetentionClock
    private let logger: Logger

    /// What a pass has deleted.
    struct Pass: Equatable {
        var events: Int64 = 0
        var streams = 0
        /// Whether the store is too large, and nothing that is left may go.
        var isStuck = false
        /// Whether what is no log takes more than the store may have in all.
        var isCrowded = false
    }

    /// Deletes what `store` has beyond `settings`.
    package init(
        _ settings: RetentionSettings, store: Store, clock: RetentionClock = .system,
        logger: Logger
    ) {
        plan = RetentionPlan(settings: settings)
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    /// Runs until the task is cancelled.
    ///
    /// - Throws: `CancellationError`, and nothing else: a store that cannot be read or written is
    ///   tried again with the next pass.
    package func run() async throws {
        var last = Pass()
        var time = RetentionTime()
        while true {
            do {
                let pass = try await self.pass(at: time.next(clock.now()))
                tell(pass, last)
                last = pass
            } catch let error as CancellationError {
                throw error
            } catch {
                // `/readyz` and the store's own log say why.
                logger.debug("Nothing could be deleted", metadata: ["error": "\(error)"])
            }
            try Task.checkCancellation()
            try await clock.sleep(Self.interval)
        }
    }

    /// Deletes all that is no longer kept now.
    ///
    /// - Returns: how much that was.
    /// - Throws: ``StoreError``, or `CancellationError`.
    func pass() async throws -> Pass {
        try await pass(at: clock.now())
    }

    /// Deletes all that is no longer kept at `time`, or now if that is before it.
    private func pass(at time: LogTime) async throws -> Pass {
        var pass = Pass()
        try await finish(try await store.streamsHalfDeleted())
        try await deleteEvents(at: time, &pass)
        try await deleteOldLogs(at: time, &pass)
        try await deleteForRoom(at: time, &pass)
        try await deleteOldPods(at: time)
        return pass
    }

    private func deleteEvents(at time: LogTime, _ pass: inout Pass) async throws {
        while true {
            let oldest = try await store.oldestEvents(limit: RetentionPlan.eventsAStep)
            guard let start = oldest.first?.sequence,
                let first = plan.firstKeptEvent(
                    oldest, last: store.events.last, at: min(time, clock.now()))
            else { return }
            try await store.deleteEvents(before: first)
            pass.events += first - start
            try await clock.sleep(Self.pause)
        }
    }

    private func deleteOldLogs(at time: LogTime, _ pass: inout Pass) async throws {
        while true {
            let end = plan.oldestKeptEnd(at: min(time, clock.now()))
            let streams = try await store.streamsEnded(
                before: end, limit: RetentionPlan.streamsAStep)
            if streams.isEmpty { return }
            try await delete(streams, &pass)
        }
    }

    /// Deletes one log after the other until there is room. Where no deletion of logs can make it,
    /// each is kept for a while all the same.
    private func deleteForRoom(at time: LogTime, _ pass: inout Pass) async throws {
        let surplus = plan.surplus(usedBytes: try await store.usedBytes())
        guard surplus > 0 else { return }
        pass.isCrowded = try await store.logBytes(upTo: surplus) < surplus
        let end = plan.oldestEndForRoom(isCrowded: pass.isCrowded, at: min(time, clock.now()))
        repeat {
            let oldest = try await store.streamsEnded(before: end, limit: 1)
            pass.isStuck = oldest.isEmpty
            if pass.isStuck { return }
            try await delete(oldest, &pass)
        } while plan.surplus(usedBytes: try await store.usedBytes()) > 0
    }

    /// Deletes what is shown of Pods that never had a log, or whose logs went before they did.
    private func deleteOldPods(at time: LogTime) async throws {
        let end = plan.oldestKeptEnd(at: min(time, clock.now()))
        while try await store.deletePodObjects(goneBefore: end, limit: RetentionPlan.podsAStep)
            == RetentionPlan.podsAStep
        {
            try await clock.sleep(Self.pause)
        }
    }

    private func delete(_ streams: [StreamInfo], _ pass: inout Pass) async throws {
        try await finish(streams.map(\.row))
        pass.streams += streams.count
    }

    private func finish(_ streams: [Int64]) async throws {
        var rest = streams
        while !rest.isEmpty {
            rest = try await store.deleteLines(ofStreams: rest)
            try await clock.sleep(Self.pause)
        }
    }

    private func tell(_ pass: Pass, _ last: Pass) {
        if pass.events > 0 || pass.streams > 0 {
            logger.info(
                "Deleted what is no longer kept",
                metadata: ["events": "\(pass.events)", "logs": "\(pass.streams)"])
        }
        if pass.isCrowded, !last.isCrowded {
            logger.warning(
                "Events and rows alone take more than the store may: logs are kept for an hour",
                metadata: ["maxBytes": "\(plan.settings.maxBytes ?? 0)"])
        }
        if pass.isStuck, !pass.isCrowded, !last.isStuck {
            logger.warning(
                "The store is larger than it may be, and all logs that are left are live",
                metadata: ["maxBytes": "\(plan.settings.maxBytes ?? 0)"])
        }
    }
}
