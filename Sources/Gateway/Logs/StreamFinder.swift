import LogModel
import Store

/// Finds the streams that a request means, and for a follower waits until they are there.
///
/// The wait costs nothing: it is woken by news of the Pod, and otherwise only by its deadline.
struct StreamFinder: Sendable {
    /// Where Pods and streams are looked up.
    let store: Store
    /// The time of day, in nanoseconds since 1970.
    let now: @Sendable () -> LogTime

    /// The streams of `target`, in the order in which they are to be read: at least one.
    ///
    /// - Throws: the refusal (``StatusResponse``), `CancellationError`, or what the store throws.
    func find(
        _ target: LogTarget, _ parameters: LogParameters, waiting: Bool
    ) async throws -> [StreamInfo] {
        try await find(target, wait: waiting ? parameters.wait : nil) {
            let view = try await store.read { snapshot in
                try PodView(of: target, uid: parameters.uid, in: snapshot)
            }
            return StreamChoice.decide(target, parameters, view)
        }
    }

    /// The streams that `look` decides on, in the order in which they are to be read: at least one.
    ///
    /// - Parameters:
    ///   - target: whose Pod's news lead to another look.
    ///   - wait: how long to wait for what is not there yet, where its ``StreamChoice/Patience``
    ///     leaves that to the request; `nil` does not wait at all.
    ///   - look: looks into the store and decides.
    /// - Returns: the streams.
    /// - Throws: the refusal (``StatusResponse``), `CancellationError`, or what `look` throws.
    func find(
        _ target: LogTarget, wait: Duration?,
        look: @escaping @Sendable () async throws -> StreamChoice.Decision
    ) async throws -> [StreamInfo] {
        guard let wait else {
            switch try await look() {
            case .read(let streams): return streams
            case .notYet(_, let refusal), .refuse(let refusal): throw refusal
            }
        }
        let (wakes, waker) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        // The subscription is older than the first look, so nothing is missed in between.
        let subscription = store.podNews.subscribe(
            namespace: target.namespace, pod: target.pod, wake: { waker.yield() })
        defer { subscription.cancel() }
        waker.yield()
        let deadline = ContinuousClock.now + wait
        return try await withThrowingTaskGroup(of: [StreamInfo]?.self) { group in
            group.addTask {
                try await ContinuousClock().sleep(until: deadline)
                waker.yield()
                return nil
            }
            group.addTask {
                for await _ in wakes {
                    if let streams = try await attempt(look, wait, deadline) { return streams }
                }
                throw CancellationError()
            }
            defer { group.cancelAll() }
            while let found = try await group.next() {
                if let found { return found }
            }
            throw CancellationError()
        }
    }

    /// One look of a follower: the streams, or `nil` to wait on.
    private func attempt(
        _ look: @Sendable () async throws -> StreamChoice.Decision, _ wait: Duration,
        _ deadline: ContinuousClock.Instant
    ) async throws -> [StreamInfo]? {
        switch try await look() {
        case .read(let streams): return streams
        case .refuse(let refusal): throw refusal
        case .notYet(let patience, let refusal):
            if isOver(patience, wait, deadline) { throw refusal }
            return nil
        }
    }

    private func isOver(
        _ patience: StreamChoice.Patience, _ wait: Duration, _ deadline: ContinuousClock.Instant
    ) -> Bool {
        switch patience {
        case .whilePodExists: return false
        case .asAsked: return ContinuousClock.now >= deadline
        case .since(let deletedAt):
            let limit = deletedAt.nanoseconds + wait.components.seconds * 1_000_000_000
            return ContinuousClock.now >= deadline || now().nanoseconds >= limit
        }
    }
}
