import Synchronization

/// Brings changes of one instance from the watch to its follower.
///
/// Anyone may post; one follower waits. At most one state of each rank is kept, since an instance
/// never goes back.
package final class InstanceSignals: Sendable {
    private struct State {
        var pending: [InstanceState] = []
        var isNudged = false
        var isNodeBack = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// No change yet.
    package init() {}

    /// Says how the instance stands now.
    package func post(_ new: InstanceState) {
        change { state in
            state.pending.removeAll { $0.rank == new.rank }
            state.pending.append(new)
        }
    }

    /// Makes the wait that is under way, or the next one, end as if its deadline had passed, so that
    /// the deadline is looked at again.
    func nudge() { change { $0.isNudged = true } }

    /// Says that the instance's node answers again.
    func nodeAnswered() { change { $0.isNodeBack = true } }

    /// Changes the state and wakes who waits.
    private func change(_ body: (inout State) -> Void) {
        let waiter = state.withLock { state in
            body(&state)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// The oldest change that was not taken yet.
    func take() -> InstanceState? {
        state.withLock { $0.pending.isEmpty ? nil : $0.pending.removeFirst() }
    }

    /// Waits for a change or for `deadline`; returns `nil` when the task is cancelled.
    func next(until deadline: ContinuousClock.Instant?) async -> FollowerEvent? {
        if let change = take() { return .changed(change) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.arrival() }
            if let deadline {
                group.addTask {
                    do {
                        try await ContinuousClock().sleep(until: deadline)
                    } catch {
                        // Cancelled: the change has come first.
                    }
                }
            }
            await group.next()
            group.cancelAll()
        }
        if Task.isCancelled { return nil }
        let isNodeBack = state.withLock { state in
            defer {
                state.isNudged = false
                state.isNodeBack = false
            }
            return state.isNodeBack
        }
        return take().map(FollowerEvent.changed) ?? (isNodeBack ? .nodeAnswered : .timer)
    }

    private func arrival() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if !state.pending.isEmpty || state.isNudged || state.isNodeBack
                        || Task.isCancelled
                    {
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }
}
