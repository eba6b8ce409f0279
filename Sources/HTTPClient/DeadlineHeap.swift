/// The next deadline of each transfer, earliest first: a binary heap that knows where each
/// transfer is, so that setting, moving and removing one costs the logarithm of their number.
///
/// A pure value; time comes in as an argument.
struct DeadlineHeap {
    typealias Instant = ContinuousClock.Instant

    private struct Entry {
        var instant: Instant
        var id: TransferID
    }

    private var entries: [Entry] = []
    private var positions: [TransferID: Int] = [:]

    /// The earliest deadline.
    var earliest: Instant? { entries.first?.instant }

    /// How many transfers have a deadline.
    var count: Int { entries.count }

    /// Sets, moves or (with nil) removes the deadline of a transfer.
    mutating func set(_ instant: Instant?, for id: TransferID) {
        guard let instant else { return remove(id) }
        if let position = positions[id] {
            let old = entries[position].instant
            entries[position].instant = instant
            if instant < old { siftUp(position) } else { siftDown(position) }
        } else {
            entries.append(Entry(instant: instant, id: id))
            positions[id] = entries.count - 1
            siftUp(entries.count - 1)
        }
    }

    /// Removes a transfer's deadline, if it has one.
    mutating func remove(_ id: TransferID) {
        guard let position = positions.removeValue(forKey: id) else { return }
        let last = entries.removeLast()
        guard position < entries.count else { return }
        place(last, at: position)
        siftUp(position)
        siftDown(position)
    }

    /// Takes out a transfer whose deadline has come, the earliest first.
    mutating func popExpired(at now: Instant) -> TransferID? {
        guard let first = entries.first, first.instant <= now else { return nil }
        remove(first.id)
        return first.id
    }

    private mutating func place(_ entry: Entry, at position: Int) {
        entries[position] = entry
        positions[entry.id] = position
    }

    private mutating func siftUp(_ start: Int) {
        var position = start
        let entry = entries[position]
        while position > 0 {
            let parent = (position - 1) / 2
            guard entry.instant < entries[parent].instant else { break }
            place(entries[parent], at: position)
            position = parent
        }
        place(entry, at: position)
    }

    private mutating func siftDown(_ start: Int) {
        var position = start
        let entry = entries[position]
        while true {
            var child = 2 * position + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1].instant < entries[child].instant {
                child += 1
            }
            guard entries[child].instant < entry.instant else { break }
            place(entries[child], at: position)
            position = child
        }
        place(entry, at: position)
    }
}
