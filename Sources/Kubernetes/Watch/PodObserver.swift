package typealias PodWatcher = ResourceWatcher<Pod>
package typealias PodWatcherSettings = WatcherSettings
package typealias PodEvent = ResourceEvent<Pod>

/// Hears of every ``PodEvent``.
package protocol PodObserver: Sendable {
    /// Takes an event in. The watcher waits until it returns, so that events of one scope come one
    /// after the other; scopes do not wait for each other.
    func observe(_ event: PodEvent) async
}

extension ResourceWatcher<Pod> {
    /// Watches until the task is cancelled, then throws `CancellationError`.
    package func run(observer: any PodObserver) async throws {
        try await run { news in
            if case .event(let event) = news { await observer.observe(event) }
        }
    }
}
