/// Lets requests of the followers through at a bounded rate, while the API server is in reach.
///
/// After an API server's restart ten thousand streams come back through this gate, not all at once.
/// Logs of containers that have ended go first: they may vanish. Log requests and questions for a
/// status have a rate each, the same.
package actor StartGate {
    /// What a request is for, in the order of urgency.
    package enum Purpose: Int, Sendable, CaseIterable {
        /// Reading the log of a container that has ended.
        case lastRead
        /// Asking how a Pod stands.
        case status
        /// Following a container that runs.
        case follow
    }

    /// What became of a request.
    package enum Outcome: Sendable {
        /// The server answered.
        case answered
        /// There was no answer: no connection, a timeout.
        case lost
        /// The server asks to come back after this time.
        case refused(Duration)
    }

    private typealias Waiter = CheckedContinuation<Int, Never>

    private var rows = Purpose.allCases.map { _ in WaitingRow<Waiter>() }
    private var logs: TokenBucket
    private var questions: TokenBucket
    private var health: UpstreamHealth
    private var isOver = false
    private let wake = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// A gate for `rate` log requests, and as many questions, a second.
    package init(rate: Int, seed: UInt64 = .random(in: 0...UInt64.max)) {
        logs = TokenBucket(rate: rate)
        questions = TokenBucket(rate: rate)
        health = UpstreamHealth(seed: seed)
    }

    /// How many wait for their turn.
    package var waiting: Int { rows.reduce(0) { $0 + $1.count } }

    /// Returns when it is the caller's turn.
    ///
    /// - Returns: what ``report(_:ticket:)`` wants to know with the request's outcome.
    package func pass(_ purpose: Purpose) async -> Int {
        if isOver { return health.opening }
        let isFirst = rows[...purpose.rawValue].allSatisfy(\.isEmpty)
        if isFirst, health.closedUntil == nil, take(purpose, .now) == nil { return health.opening }
        return await withCheckedContinuation { continuation in
            rows[purpose.rawValue].append(continuation)
            wake.continuation.yield()
        }
    }

    /// Takes in what became of a request that was let through with `ticket`.
    package func report(_ outcome: Outcome, ticket: Int) {
        switch outcome {
        case .answered: break
        case .lost: health.lost(opening: ticket, now: .now)
        case .refused(let wait): health.refused(opening: ticket, for: wait, now: .now)
        }
    }

    /// Serves those who wait, until cancelled; from then on everyone passes, and finds its own task
    /// cancelled. `probe` asks the server for something small, and throws when it is out of reach.
    package func run(probe: @Sendable () async throws -> Void) async {
        for await _ in wake.stream {
            while !isOver, rows.contains(where: { !$0.isEmpty }) {
                do {
                    if let time = health.closedUntil {
                        try await ContinuousClock().sleep(until: time)
                        await ask(probe)
                    } else if let time = serveNext() {
                        try await ContinuousClock().sleep(until: time)
                    }
                } catch {
                    isOver = true  // Cancelled.
                }
            }
            if Task.isCancelled { break }
        }
        isOver = true
        for index in rows.indices {
            while let waiter = rows[index].popFirst() { waiter.resume(returning: health.opening) }
        }
    }

    /// Lets the next one through.
    ///
    /// - Returns: when there will be a turn for one of those who wait; `nil` when there was one.
    private func serveNext() -> ContinuousClock.Instant? {
        var next: ContinuousClock.Instant?
        let now = ContinuousClock.now
        for purpose in Purpose.allCases where !rows[purpose.rawValue].isEmpty {
            guard let time = take(purpose, now) else {
                rows[purpose.rawValue].popFirst()?.resume(returning: health.opening)
                return nil
            }
            next = min(next ?? time, time)
        }
        return next
    }

    private func take(
        _ purpose: Purpose, _ now: ContinuousClock.Instant
    ) -> ContinuousClock.Instant? {
        purpose == .status ? questions.take(now) : logs.take(now)
    }

    private func ask(_ probe: @Sendable () async throws -> Void) async {
        do {
            try await probe()
            health.probeAnswered()
        } catch {
            health.probeFailed(now: .now)
        }
    }
}
