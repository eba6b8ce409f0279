import Kubernetes

/// Hands every event of the watch to several observers, in order: the next one sees an event only
/// when the one before has taken it.
struct ObserverChain: PodObserver {
    private let observers: [any PodObserver]

    init(_ observers: [any PodObserver]) {
        self.observers = observers
    }

    func observe(_ event: PodEvent) async {
        for observer in observers { await observer.observe(event) }
    }
}
