/// A change of one object, as watches see it.
package struct ObjectChange<Record: ObjectRecord>: Sendable {
    /// The version of the cluster after the change.
    package let resourceVersion: Int
    /// The object before; nil where it did not exist.
    package let before: Record?
    /// The object after; where it was removed its last state, with this change's version.
    package let after: Record
    /// Whether the object was removed.
    package let isRemoval: Bool

    /// A change of `before` into `after`.
    package init(resourceVersion: Int, before: Record?, after: Record, isRemoval: Bool) {
        self.resourceVersion = resourceVersion
        self.before = before
        self.after = after
        self.isRemoval = isRemoval
    }

    /// What a watch with this selection is told; nil when the change is none of its business.
    package func event(for selection: ObjectSelection) -> String? {
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

/// The last changes of a kind of object: bounded, so that a watch that stayed away for too long must list
/// again, as with the real one.
package struct ObjectHistory<Record: ObjectRecord>: Sendable {
    private var changes: [ObjectChange<Record>?]
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
    package mutating func append(_ change: ObjectChange<Record>) {
        let place = appended % changes.count
        if appended - first == changes.count {
            floor = changes[place]?.resourceVersion ?? floor
            first += 1
        }
        changes[place] = change
        appended += 1
    }

    /// At most `limit` changes after `version`, oldest first; nil when some are forgotten.
    package func changes(after version: Int, limit: Int) -> [ObjectChange<Record>]? {
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
