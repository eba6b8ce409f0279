import Synchronization

/// Tells those who wait for a Pod that something about it was committed: its row was written, or
/// one of its streams was opened.
///
/// Any thread may call it. A subscriber first subscribes and then looks into the store, so that
/// nothing is missed in between.
package final class PodNews: Sendable {
    /// A Pod's name, whatever its UID.
    struct Name: Hashable, Sendable {
        let namespace: String
        let pod: String

        /// Stands for the objects of all Pods: no namespace has an empty name.
        static let objects = Name(namespace: "", pod: "")
    }

    private struct State {
        var lastID: UInt64 = 0
        var wakes: [Name: [UInt64: @Sendable () -> Void]] = [:]
    }

    private let state = Mutex(State())

    /// Calls `wake` after every commit about the Pods of that name, until the subscription is
    /// cancelled or goes away. It must not block.
    package func subscribe(
        namespace: String, pod: String, wake: @escaping @Sendable () -> Void
    ) -> PodSubscription {
        let name = Name(namespace: namespace, pod: pod)
        let id = state.withLock { state in
            state.lastID += 1
            state.wakes[name, default: [:]][state.lastID] = wake
            return state.lastID
        }
        return PodSubscription(news: self, name: name, id: id)
    }

    /// Calls `wake` after every commit of a Pod's object, or of the end of one.
    package func subscribeToObjects(wake: @escaping @Sendable () -> Void) -> PodSubscription {
        subscribe(namespace: Name.objects.namespace, pod: Name.objects.pod, wake: wake)
    }

    /// Wakes who waits for one of `names`: after the commit.
    func tell(_ names: Set<Name>) {
        guard !names.isEmpty else { return }
        let wakes = state.withLock { state in
            state.wakes.isEmpty ? [] : names.flatMap { state.wakes[$0]?.values.map { $0 } ?? [] }
        }
        for wake in wakes { wake() }
    }

    fileprivate func cancel(_ name: Name, _ id: UInt64) {
        state.withLock { state in
            state.wakes[name]?[id] = nil
            if state.wakes[name]?.isEmpty == true { state.wakes[name] = nil }
        }
    }
}

/// Someone who waits for news of a Pod, until cancelled.
package final class PodSubscription: Sendable {
    private let news: PodNews
    private let name: PodNews.Name
    private let id: UInt64

    fileprivate init(news: PodNews, name: PodNews.Name, id: UInt64) {
        self.news = news
        self.name = name
        self.id = id
    }

    deinit {
        cancel()
    }

    /// No more wakes. Idempotent.
    package func cancel() {
        news.cancel(name, id)
    }
}
