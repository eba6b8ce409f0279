/// What the writer lane has to do, and when: a pure value, guarded by the lane's lock.
///
/// Three lists wait: streams whose lines someone waits for (urgent), streams that may wait for
/// company (quiet, oldest first), and write requests. Bytes are reserved before lines are handed
/// over and released after their commit; who finds no room waits in line.
struct LaneQueue {
    /// Someone who waits for room.
    struct RoomWaiter {
        let bytes: Int
        let since: ContinuousClock.Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    /// What one transaction is made of.
    struct Group {
        var urgent: [StreamChannel] = []
        var quiet: [StreamChannel] = []
        var writes: [WriteRequest] = []
    }

    /// What the lane does next.
    enum Step {
        case commit(Group)
        case sleep(until: ContinuousClock.Instant?)
        case stop
    }

    private(set) var bytes = 0
    private(set) var isStopping = false
    private(set) var isStopped = false
    private var urgent: [StreamChannel] = []
    private var quiet: [(channel: StreamChannel, since: ContinuousClock.Instant)] = []
    private var quietHead = 0
    private var writes: [WriteRequest] = []
    private var rooms: [RoomWaiter] = []
    /// Whether someone looks after those who wait for room.
    var hasRoomWatch = false
    private var lastCommit: ContinuousClock.Instant?

    /// Reserves bytes, when there is room and nobody waits for it. What is larger than the whole
    /// queue has room in an empty one.
    mutating func reserve(_ cost: Int, limit: Int) -> Bool {
        guard rooms.isEmpty, bytes == 0 || bytes + cost <= limit else { return false }
        bytes += cost
        return true
    }

    /// Waits in line for room.
    mutating func wait(_ waiter: RoomWaiter) {
        rooms.append(waiter)
    }

    /// Gives bytes back.
    ///
    /// - Returns: those who have room now, in line; their bytes are reserved.
    mutating func release(_ cost: Int, limit: Int) -> [RoomWaiter] {
        bytes -= cost
        var ready = 0
        while ready < rooms.count, bytes == 0 || bytes + rooms[ready].bytes <= limit {
            bytes += rooms[ready].bytes
            ready += 1
        }
        let waiters = Array(rooms[..<ready])
        rooms.removeFirst(ready)
        return waiters
    }

    /// Someone waits for this stream.
    mutating func addUrgent(_ channel: StreamChannel) {
        urgent.append(channel)
    }

    /// Nobody waits for this stream.
    mutating func addQuiet(_ channel: StreamChannel, now: ContinuousClock.Instant) {
        quiet.append((channel, now))
    }

    /// Adds a write request.
    mutating func add(_ request: WriteRequest) {
        writes.append(request)
    }

    /// Decides what the lane does at `now`.
    mutating func next(now: ContinuousClock.Instant, settings: StoreSettings) -> Step {
        let isFull = bytes >= settings.quietBytes || !rooms.isEmpty
        let hasQuiet = quietHead < quiet.count
        // Those who have waited nearly as long as the first one come along.
        let isQuietDue = hasQuiet && quiet[quietHead].since + settings.quietDelay <= now
        let quietSince =
            isFull ? now : isQuietDue ? now - settings.quietDelay * 3 / 4 : nil
        if isStopping {
            if urgent.isEmpty, !hasQuiet, writes.isEmpty {
                isStopped = true
                return .stop
            }
            return .commit(takeGroup(quietSince: now, settings))
        }
        var wakeUp: ContinuousClock.Instant?
        if !urgent.isEmpty || !writes.isEmpty {
            let due = lastCommit.map { $0 + settings.commitInterval } ?? now
            if due <= now || isFull {
                lastCommit = now
                return .commit(takeGroup(quietSince: quietSince, settings))
            }
            wakeUp = due
        }
        if hasQuiet {
            if let quietSince {
                lastCommit = now
                return .commit(takeGroup(quietSince: quietSince, settings))
            }
            let due = quiet[quietHead].since + settings.quietDelay
            wakeUp = min(wakeUp ?? due, due)
        }
        return .sleep(until: wakeUp)
    }

    /// Whether the lane may have to wake earlier than it planned, now that a stream was added:
    /// it knows of a list from its first entry on.
    func needsWake(settings: StoreSettings) -> Bool {
        urgent.count == 1 || quiet.count - quietHead == 1 || bytes >= settings.quietBytes
    }

    /// No more requests are taken; what is queued is committed.
    mutating func stop() {
        isStopping = true
    }

    /// Takes the writes that have waited since `deadline` or longer.
    mutating func expireWrites(since deadline: ContinuousClock.Instant) -> [WriteRequest] {
        let expired = writes.filter { $0.since <= deadline }
        writes.removeAll { $0.since <= deadline }
        return expired
    }

    /// Takes everyone who has waited for room since `deadline` or longer.
    mutating func expireRooms(since deadline: ContinuousClock.Instant) -> [RoomWaiter] {
        let expired = rooms.filter { $0.since <= deadline }
        rooms.removeAll { $0.since <= deadline }
        return expired
    }

    /// Since when the one who has waited longest waits for room.
    var oldestRoom: ContinuousClock.Instant? { rooms.first?.since }

    /// The streams in the lists.
    var channels: [StreamChannel] { urgent + quiet[quietHead...].map(\.channel) }

    private mutating func takeGroup(
        quietSince: ContinuousClock.Instant?, _ settings: StoreSettings
    ) -> Group {
        var group = Group()
        let count = min(urgent.count, settings.streamsPerCommit)
        group.urgent = Array(urgent[..<count])
        urgent.removeFirst(count)
        group.writes = writes
        writes = []
        if let quietSince {
            while count + group.quiet.count < settings.streamsPerCommit,
                quietHead < quiet.count, quiet[quietHead].since <= quietSince
            {
                group.quiet.append(quiet[quietHead].channel)
                quietHead += 1
            }
            if quietHead == quiet.count {
                quiet.removeAll(keepingCapacity: true)
                quietHead = 0
            } else if quietHead > 1_024, quietHead > quiet.count / 2 {
                quiet.removeFirst(quietHead)
                quietHead = 0
            }
        }
        return group
    }
}
