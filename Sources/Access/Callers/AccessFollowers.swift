import Logging
import Synchronization

/// Those who stay, as followers of a log do: each is looked at again from time to time.
///
/// One task looks at all of them. While nobody can be asked they may go on for ``patience``; then
/// they have to go, too, because nobody knows whether they still may.
package final class AccessFollowers: Sendable {
    /// How long followers go on while the API server cannot be asked, 5 minutes: longer than its
    /// restart. Beyond it they are cut, and may come back when it answers.
    package static let patience: Duration = .seconds(300)
    /// Followers looked at, at a time.
    private static let width = 16

    private struct Follower {
        let caller: Caller
        let rights: [Right]
        let refused: @Sendable (AccessError) -> Void
        /// Since when nobody could be asked.
        var unansweredSince: ContinuousClock.Instant?
    }

    private struct State {
        var followers: [UInt64: Follower] = [:]
        var nextID: UInt64 = 0
    }

    private let interval: Duration
    private let logger: Logger
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    init(
        interval: Duration, logger: Logger, now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.interval = interval
        self.logger = logger
        self.now = now
    }

    /// How many there are.
    package var count: Int { state.withLock { $0.followers.count } }

    func add(
        _ caller: Caller, _ rights: [Right], refused: @escaping @Sendable (AccessError) -> Void
    ) -> AccessWatch {
        let id = state.withLock { state in
            state.nextID += 1
            state.followers[state.nextID] = Follower(
                caller: caller, rights: rights, refused: refused)
            return state.nextID
        }
        return AccessWatch { [weak self] in
            // What it held may hold the last reference to something that calls back here.
            let left = self?.state.withLock { $0.followers.removeValue(forKey: id) }
            withExtendedLifetime(left) {}
        }
    }

    /// Looks at all of them every interval, until the task is cancelled.
    package func run() async throws {
        while true {
            try await ContinuousClock().sleep(for: interval)
            await review()
        }
    }

    /// Looks at all of them once; those who may not stay are told.
    package func review() async {
        var rest = state.withLock { $0.followers }[...]
        let refused = await withTaskGroup(of: (UInt64, AccessError)?.self) { group in
            func look() {
                guard let (id, follower) = rest.popFirst() else { return }
                group.addTask { await self.refusal(of: follower, id).map { (id, $0) } }
            }
            for _ in 0..<Self.width { look() }
            var refused: [(UInt64, AccessError)] = []
            for await result in group {
                if let result { refused.append(result) }
                look()
            }
            return refused
        }
        for (id, error) in refused {
            let follower = state.withLock { $0.followers.removeValue(forKey: id) }
            follower?.refused(error)
        }
        if !refused.isEmpty {
            logger.info(
                "Followers may not stay any more", metadata: ["followers": "\(refused.count)"])
        }
    }

    private func refusal(of follower: Follower, _ id: UInt64) async -> AccessError? {
        let error = await follower.caller.access.refusal(of: follower.caller, follower.rights)
        guard case .unavailable = error else {
            state.withLock { $0.followers[id]?.unansweredSince = nil }
            return error
        }
        let now = now()
        let since = state.withLock { state in
            let since = state.followers[id]?.unansweredSince ?? now
            state.followers[id]?.unansweredSince = since
            return since
        }
        return since.duration(to: now) >= Self.patience ? error : nil
    }
}

/// One that is looked at again until this is cancelled, or gone.
package final class AccessWatch: Sendable {
    private let stop: Mutex<(@Sendable () -> Void)?>

    init(_ stop: @escaping @Sendable () -> Void) {
        self.stop = Mutex(stop)
    }

    deinit { cancel() }

    /// Looks no more. Idempotent.
    package func cancel() {
        let stop = stop.withLock { stop in
            defer { stop = nil }
            return stop
        }
        stop?()
    }
}
