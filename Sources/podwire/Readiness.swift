import Gateway
import Kubernetes
import Store

/// What `/readyz` looks at, each with its reason when it is red.
enum Readiness {
    /// The watch has listed everything once and is in sync; the store takes what is written.
    static func checks(watcher: PodWatcher, store: Store) -> [ReadinessCheck] {
        [
            ReadinessCheck("watch") {
                let health = watcher.health
                return health.synced ? nil : health.lastError ?? "the first list is not done yet"
            },
            .store(store),
        ]
    }
}
