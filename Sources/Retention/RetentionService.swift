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
        while true {
            do {
                let pass = try await self.pass()
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
        var pass = Pass()
        try await finish(try await store.streamsHalfDeleted())
        try await deleteEvents(&pass)
        try await deleteOldLogs(&pass)
        try await deleteForRoom(&pass)
        try await deleteOldPods()
        return pass
    }

    private func deleteEvents(_ pass: inout Pass) async throws {
        while true {
            let oldest = try await store.oldestEvents(limit: RetentionPlan.eventsAStep)
            guard let start = oldest.first?.sequence,
                let first = plan.firstKeptEvent(oldest, last: store.events.last, at: clock.now())
            else { return }
            try await store.deleteEvents(before: first)
            pass.events += first - start
            try await clock.sleep(Self.pause)
        }
    }

    private func deleteOldLogs(_ pass: inout Pass) async throws {
        while true {
            let streams = try await store.streamsEnded(
                before: plan.oldestKeptEnd(at: clock.now()), limit: RetentionPlan.streamsAStep)
            if streams.isEmpty { return }
            try await delete(streams, &pass)
        }
    }

    /// Deletes one log after the other until there is room.
    private func deleteForRoom(_ pass: inout Pass) async throws {
        while plan.isOverfull(usedBytes: try await store.usedBytes()) {
            let oldest = try await store.streamsEnded(before: LogTime(nanoseconds: .max), limit: 1)
            pass.isStuck = oldest.isEmpty
            if pass.isStuck { return }
            try await delete(oldest, &pass)
        }
    }

    /// Deletes what is shown of Pods that never had a log, or whose logs went before they did.
    private func deleteOldPods() async throws {
        let time = plan.oldestKeptEnd(at: clock.now())
        while try await store.deletePodObjects(goneBefore: time, limit: RetentionPlan.podsAStep)
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
        if pass.isStuck, !last.isStuck {
            logger.warning(
                "The store is larger than it may be, and all logs that are left are live",
                metadata: ["maxBytes": "\(plan.settings.maxBytes ?? 0)"])
        }
    }
}
