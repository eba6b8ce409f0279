/// What a ``PodWatcher`` has learnt.
package enum PodEvent: Sendable, Equatable {
    /// All Pods of a scope, after a list: `namespace`, or every namespace when it is `nil`. Pods of
    /// that scope that are not among them are gone.
    case replaced([Pod], namespace: String?)
    /// A Pod is new or changed. The same state may come more than once.
    case updated(Pod)
    /// A Pod is gone; its last known state.
    case deleted(Pod)
}

/// Hears of every ``PodEvent``.
package protocol PodObserver: Sendable {
    /// Takes an event in. The watcher waits until it returns, so that events of one scope come one
    /// after the other; scopes do not wait for each other.
    func observe(_ event: PodEvent) async
}
