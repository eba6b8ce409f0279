/// A change of one Pod, as watches see it.
package struct PodChange: Sendable {
    /// The version of the cluster after the change.
    package let resourceVersion: Int
    /// The Pod before; nil where it did not exist.
    package let before: PodRecord?
    /// The Pod after; where it was removed its last state, with this change's version.
    package let after: PodRecord
    /// Whether the Pod was removed.
    package let isRemoval: Bool

    /// A change of `before` into `after`.
    package init(resourceVersion: Int, before: PodRecord?, after: PodRecord, isRemoval: Bool) {
        self.resourceVersion = resourceVersion
        self.before = before
        self.after = after
        self.isRemoval = isRemoval
    }

    /// What a watch with this selection is told; nil when the change is none of its business.
    package func event(for selection: PodSelection) -> String? {
        let was = before.map(selection.matches) ?? false
        let isNow = !isRemoval && selection.matches(after)
        switch (was, isNow) {
        case (false, true): return "ADDED"
        case (true, true): return "MODIFIED"
        case (true, false): return "DELETED"
        case (false, false): return nil
        }
    }
}

/// The last changes of a cluster: bounded, so that a watch that stayed away for too long must list
/// again, as with the real one.
package struct PodHistory: Sendable {
    private var changes: [PodChange?]
    private var appended = 0
    private var first = 0
    /// The newest version that is no longer known.
    package private(set) var floor: Int

    /// Keeps the last `capacity` changes, after version `start`.
    package init(capacity: Int, start: Int) {
        precondition(capacity > 0, "a history keeps at least one change")
        changes = Array(repeating: nil, count: capacity)
        floor = start
    }

    /// Adds the newest change.
    package mutating func append(_ change: PodChange) {
        let place = appended % changes.count
        if appended - first == changes.count {
            floor = changes[place]?.resourceVersion ?? floor
            first += 1
        }
        changes[place] = change
        appended += 1
    }

    /// At most `limit` changes after `version`, oldest first; nil when some are forgotten.
    package func changes(after version: Int, limit: Int) -> [PodChange]? {
        guard version >= floor else { return nil }
        var low = first
        var high = appended
        while low < high {
            let middle = (low + high) / 2
            if let change = changes[middle % changes.count], change.resourceVersion <= version {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return (low..<min(appended, low + limit)).compactMap { changes[$0 % changes.count] }
    }

    /// Forgets everything up to now, as a compaction of the real store does.
    package mutating func compact() {
        if appended > first, let last = changes[(appended - 1) % changes.count] {
            floor = last.resourceVersion
        }
        first = appended
    }
}
