/// The subscriptions of one socket, and whose turn it is: a pure value.
///
/// An id is the client's and may be used again; a ``Key`` is ours and is not, so that what comes late
/// for a subscription never reaches the one that came after.
struct SubscriptionTable {
    /// One use of an id.
    struct Key: Hashable, Sendable {
        let id: Int64
        let serial: UInt64
    }

    /// A subscription whose turn it is.
    struct Open: Sendable {
        let key: Key
        let subscription: Subscription
    }

    /// What became of a new subscription.
    enum Addition: Equatable {
        case added(Key)
        case used
        case full
        case closed
    }

    /// Why a subscription that was found is not opened.
    enum Conflict: Equatable {
        case none
        /// It was removed meanwhile.
        case gone
        /// That id reads the same stream.
        case sameStream(Int64)
    }

    /// What was removed.
    enum Removed: Sendable {
        case opening(Task<Void, Never>?)
        case open(Subscription)

        /// Has it stop.
        func cancel() {
            switch self {
            case .opening(let task): task?.cancel()
            case .open(let subscription): subscription.close()
            }
        }
    }

    private struct Entry {
        let key: Key
        var content: Removed
        /// Whether it is in ``ready``.
        var isReady = false
    }

    private let limit: Int
    private var entries: [Int64: Entry] = [:]
    private var ready: [Key] = []
    private var lastSerial: UInt64 = 0

    /// A table for at most `limit` subscriptions.
    init(limit: Int) {
        self.limit = limit
    }

    /// Whether an id is in use.
    func contains(_ id: Int64) -> Bool { entries[id] != nil }

    /// The durable consumer that a subscription reads.
    func consumer(of id: Int64) -> String? {
        guard case .open(let subscription)? = entries[id]?.content else { return nil }
        return subscription.consumer
    }

    /// Adds a subscription that is to be found.
    mutating func add(_ id: Int64) -> Addition {
        if entries[id] != nil { return .used }
        guard entries.count < limit else { return .full }
        lastSerial += 1
        let key = Key(id: id, serial: lastSerial)
        entries[id] = Entry(key: key, content: .opening(nil))
        return .added(key)
    }

    /// Keeps the task that finds it; `false` when it is gone. One that is found keeps no task.
    mutating func keep(_ task: Task<Void, Never>, for key: Key) -> Bool {
        guard let entry = entries[key.id], entry.key == key else { return false }
        if case .opening = entry.content { entries[key.id]?.content = .opening(task) }
        return true
    }

    /// Opens a subscription that was found.
    mutating func open(_ subscription: Subscription, for key: Key) -> Conflict {
        guard entries[key.id]?.key == key else { return .gone }
        if let stream = subscription.stream {
            for (id, entry) in entries {
                if case .open(let other) = entry.content, other.stream == stream {
                    return .sameStream(id)
                }
            }
        }
        entries[key.id]?.content = .open(subscription)
        return .none
    }

    /// Puts a subscription at the end of those whose turn comes; `false` when it is there, or gone.
    @discardableResult
    mutating func markReady(_ key: Key) -> Bool {
        guard let entry = entries[key.id], entry.key == key, !entry.isReady else { return false }
        entries[key.id]?.isReady = true
        ready.append(key)
        return true
    }

    /// Takes the one whose turn it is.
    mutating func next() -> Open? {
        while !ready.isEmpty {
            let key = ready.removeFirst()
            guard let entry = entries[key.id], entry.key == key else { continue }
            entries[key.id]?.isReady = false
            if case .open(let subscription) = entry.content {
                return Open(key: key, subscription: subscription)
            }
        }
        return nil
    }

    /// Removes one use of an id; `false` when it is gone already.
    @discardableResult
    mutating func remove(_ key: Key) -> Bool {
        guard entries[key.id]?.key == key else { return false }
        entries[key.id] = nil
        return true
    }

    /// Removes whatever uses an id.
    mutating func remove(id: Int64) -> Removed? {
        entries.removeValue(forKey: id)?.content
    }

    /// Removes all.
    mutating func removeAll() -> [Removed] {
        defer {
            entries = [:]
            ready = []
        }
        return entries.values.map(\.content)
    }
}
