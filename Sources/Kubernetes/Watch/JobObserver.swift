package typealias JobWatcher = ResourceWatcher<BatchJob>
package typealias JobEvent = ResourceEvent<BatchJob>

/// Hears of every ``JobEvent``, and of clusters where there are none to hear of.
package protocol JobObserver: Sendable {
    /// Takes an event in. The watcher waits until it returns, so that events of one scope come one
    /// after the other; scopes do not wait for each other.
    func observe(_ event: JobEvent) async

    /// Says that the Jobs of a namespace, or of all (`nil`), cannot be watched, and why: there is
    /// no such API, or no permission. What was told of them before is no longer current. When they
    /// can be watched, `.replaced` comes.
    func unavailable(_ reason: String, namespace: String?) async
}

extension ResourceWatcher<BatchJob> {
    /// Watches until the task is cancelled, then throws `CancellationError`.
    package func run(observer: any JobObserver) async throws {
        try await run { news in
            switch news {
            case .event(let event): await observer.observe(event)
            case .unavailable(let reason, let namespace):
                await observer.unavailable(reason, namespace: namespace)
            }
        }
    }
}
