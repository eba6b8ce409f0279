/// Who waits for events, by what their filters pin: a pure value.
///
/// An event is looked up under each shape of pin that someone waits with, eight at most, and there
/// by its type: N events with W readers that wait cost about N and what matches, not N times W.
/// What matches is noted, so that a reader that asks again looks at nothing else; and one for which
/// nothing does is at the feed's end for free.
struct EventWaiters {
    typealias Wake = @Sendable () -> Void

    /// What is known of a reader that asks again.
    struct Place {
        /// Nothing up to here is wanted, that it does not have.
        var position: Int64
        /// What is wanted behind ``position``, in order.
        var matches: [Int64] = []
        /// Whether that is all up to the feed's end; else it must look through what is there.
        var isComplete = false
        /// Its wake, when it was not used; to be let go of outside the feed's lock.
        var wake: Wake?
    }

    /// Matches that are noted for a reader, 32. Beyond it, it looks for them when it comes.
    static let matchLimit = 32

    private struct Entry {
        let pin: EventPin
        let types: EventTypeSet
        /// The position that it came with.
        let after: Int64
        /// `nil` once it was used.
        var wake: Wake?
        var matches: [Int64] = []
    }

    private var entries: [UInt64: Entry] = [:]
    /// Those with fewer matches than ``matchLimit``, by pin and then by types.
    private var index: [EventPin: [EventTypeSet: Set<UInt64>]] = [:]
    /// How many pins of each shape are in ``index``.
    private var pinsOfShape = [Int](repeating: 0, count: EventPin.shapes)
    /// Those that are also woken when the feed's end reaches this number.
    private var strides: [UInt64: Int64] = [:]

    /// How many readers are known.
    var count: Int { entries.count }

    /// Lets a reader wait.
    ///
    /// - Parameters:
    ///   - reader: who waits; it waits for nothing else.
    ///   - filter: what it wants.
    ///   - after: its position, the feed's end or beyond.
    ///   - stride: how many events may pass it by before it is woken all the same.
    ///   - wake: called once.
    mutating func wait(
        _ reader: UInt64, _ filter: EventFilter, after: Int64, stride: Int64?,
        _ wake: @escaping Wake
    ) {
        precondition(entries[reader] == nil, "a reader leaves before it waits again")
        let entry = Entry(
            pin: EventPin(filter), types: EventTypeSet(filter), after: after, wake: wake)
        entries[reader] = entry
        if index[entry.pin] == nil { pinsOfShape[entry.pin.shape] += 1 }
        index[entry.pin, default: [:]][entry.types, default: []].insert(reader)
        if let stride { strides[reader] = after + stride }
    }

    /// Takes a reader out that asks again or goes away.
    ///
    /// - Parameters:
    ///   - reader: who.
    ///   - after: the position that it asks from.
    ///   - end: the feed's last event.
    /// - Returns: where it is now, at `after` or further on.
    mutating func leave(_ reader: UInt64, from after: Int64, end: Int64) -> Place {
        guard let entry = entries.removeValue(forKey: reader) else {
            return Place(position: after)
        }
        let isComplete = entry.matches.count < Self.matchLimit
        if isComplete { forget(reader, entry) }
        strides[reader] = nil
        // One that went back: what was noted of it does not count.
        guard after >= entry.after else { return Place(position: after, wake: entry.wake) }
        let matches = entry.matches.filter { $0 > after }
        guard let first = matches.first else {
            let position = isComplete ? max(after, end) : after
            return Place(position: position, isComplete: isComplete, wake: entry.wake)
        }
        return Place(
            position: first - 1, matches: isComplete ? matches : [], isComplete: isComplete,
            wake: entry.wake)
    }

    /// Notes `events`, which are behind all earlier ones; the wakes of those who want one of them.
    mutating func take(for events: [EventRecord]) -> [Wake] {
        guard let end = events.last?.sequence, !entries.isEmpty else { return [] }
        var wakes: [Wake] = []
        for event in events {
            for shape in 0..<EventPin.shapes where pinsOfShape[shape] > 0 {
                guard let byTypes = index[EventPin(event.key, shape: shape)] else { continue }
                for (types, readers) in byTypes where types.contains(event.type) {
                    for reader in readers {
                        if let wake = note(event.sequence, for: reader) { wakes.append(wake) }
                    }
                }
            }
        }
        for (reader, due) in strides where due <= end {
            strides[reader] = nil
            if let wake = useWake(of: reader) { wakes.append(wake) }
        }
        return wakes
    }

    /// The wakes of all.
    mutating func takeAll() -> [Wake] {
        entries.keys.compactMap { useWake(of: $0) }
    }

    /// Notes that a reader wants the event `sequence`; its wake, the first time.
    private mutating func note(_ sequence: Int64, for reader: UInt64) -> Wake? {
        guard let entry = entries[reader], entry.after < sequence else { return nil }
        entries[reader]?.matches.append(sequence)
        if entry.matches.count + 1 == Self.matchLimit { forget(reader, entry) }
        return useWake(of: reader)
    }

    private mutating func useWake(of reader: UInt64) -> Wake? {
        guard let wake = entries[reader]?.wake else { return nil }
        entries[reader]?.wake = nil
        return wake
    }

    /// Takes a reader out of the index.
    private mutating func forget(_ reader: UInt64, _ entry: Entry) {
        index[entry.pin]?[entry.types]?.remove(reader)
        guard index[entry.pin]?[entry.types]?.isEmpty == true else { return }
        index[entry.pin]?[entry.types] = nil
        guard index[entry.pin]?.isEmpty == true else { return }
        index[entry.pin] = nil
        pinsOfShape[entry.pin.shape] -= 1
    }
}
