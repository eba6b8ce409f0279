package import LogModel

/// Who is followed next: pure bookkeeping of the limits.
///
/// Instances that have ended come first, since their log may vanish; each kind in its order. An
/// instance whose node is full waits with its node, and stands at the head again when a place there
/// is free.
package struct FollowQueue: Sendable {
    /// An instance that waits for its turn.
    package struct Item: Sendable, Equatable {
        package var id: StreamID
        package var node: String?
        package var isUrgent: Bool
    }

    private let follows: Int
    private let followsPerNode: Int
    private var urgent = WaitingRow<Item>()
    private var ordinary = WaitingRow<Item>()
    private var parked: [String: [Item]] = [:]
    private var running: [StreamID: String?] = [:]
    private var perNode: [String: Int] = [:]

    /// An empty queue with these limits.
    package init(follows: Int, followsPerNode: Int) {
        precondition(follows > 0 && followsPerNode > 0, "limits are positive")
        self.follows = follows
        self.followsPerNode = followsPerNode
    }

    /// Instances that wait.
    package var waiting: Int {
        urgent.count + ordinary.count + parked.values.reduce(0) { $0 + $1.count }
    }

    /// Instances that are followed.
    package var following: Int { running.count }

    /// Adds an instance at the end of its row.
    package mutating func add(_ item: Item) {
        if item.isUrgent { urgent.append(item) } else { ordinary.append(item) }
    }

    /// The next instance that may start now; it counts as running from here on.
    package mutating func next() -> Item? {
        while running.count < follows {
            guard let item = urgent.popFirst() ?? ordinary.popFirst() else { return nil }
            if let node = item.node, perNode[node, default: 0] >= followsPerNode {
                parked[node, default: []].append(item)
                continue
            }
            running[item.id] = .some(item.node)
            if let node = item.node { perNode[node, default: 0] += 1 }
            return item
        }
        return nil
    }

    /// Says that an instance is not followed any more.
    package mutating func finished(_ id: StreamID) {
        guard let place = running.removeValue(forKey: id), let node = place else { return }
        let left = perNode[node, default: 1] - 1
        perNode[node] = left == 0 ? nil : left
        guard var row = parked[node] else { return }
        let index = row.firstIndex { $0.isUrgent } ?? 0
        let item = row.remove(at: index)
        parked[node] = row.isEmpty ? nil : row
        if item.isUrgent { urgent.prepend(item) } else { ordinary.prepend(item) }
    }
}
