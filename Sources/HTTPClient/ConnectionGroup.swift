/// Decides when transfers that may share HTTP/2 connections to one server are handed to libcurl.
///
/// libcurl 7.88 shares connections only once they are open: of 200 transfers started at once, the
/// first connection takes its ten, and all others open one each. So transfers for which no stream
/// is free wait here while a few connections are being opened for them.
///
/// A pure value. A transfer is first waiting, then being placed (libcurl has it, and may open a
/// connection for it), then a member of a connection, known by its local port.
struct ConnectionGroup {
    /// Connections opened at the same time. Doubled for each that cannot be opened, so that
    /// transfers to a dead server fail in few rounds; back to this with the next success.
    static let openings = 4

    /// Transfers on one connection.
    private let streams: Int
    private var members: [Int: Set<TransferID>] = [:]
    private var memberCount = 0
    private var placing: Set<TransferID> = []
    private var waiting: Set<TransferID> = []
    private var queue: [TransferID] = []
    private var queueStart = 0
    private var openings = Self.openings
    private var shares = true

    init(streams: Int) {
        self.streams = streams
    }

    /// Whether nothing is left of the group.
    var isEmpty: Bool { memberCount == 0 && placing.isEmpty && waiting.isEmpty }

    /// A transfer wants to begin.
    mutating func arrive(_ id: TransferID) {
        waiting.insert(id)
        queue.append(id)
    }

    /// The next transfer to hand to libcurl, if its time has come.
    mutating func next() -> TransferID? {
        let free = members.count * streams - memberCount - placing.count
        let opening = max(0, -free)
        // No more connections than the waiting fill; but where opening fails, each tries its own.
        let isWanted = openings > Self.openings || waiting.count > opening * (streams - 1)
        guard !shares || free > 0 || (opening < openings && isWanted) else { return nil }
        while queueStart < queue.count {
            let id = queue[queueStart]
            queueStart += 1
            guard waiting.remove(id) != nil else { continue }  // it has left
            placing.insert(id)
            return id
        }
        queue.removeAll(keepingCapacity: false)
        queueStart = 0
        return nil
    }

    /// A transfer has got its place.
    mutating func place(_ id: TransferID, port: Int) {
        guard placing.remove(id) != nil else { return }
        members[port, default: []].insert(id)
        memberCount += 1
        openings = Self.openings
    }

    /// A transfer has ended, or was never begun.
    mutating func leave(_ id: TransferID, port: Int?) {
        waiting.remove(id)
        if placing.remove(id) != nil { openings = min(openings * 2, 1 << 20) }
        guard let port, members[port]?.remove(id) != nil else { return }
        memberCount -= 1
        if members[port]?.isEmpty == true { members[port] = nil }
    }

    /// The server speaks HTTP/1.1 only, so that waiting is of no use.
    mutating func serverDoesNotShare() {
        shares = false
    }

    /// The transfers on a connection.
    func members(port: Int) -> Set<TransferID> {
        members[port] ?? []
    }
}

/// The groups of all servers.
struct ConnectionGroups {
    /// Transfers with equal keys may share connections.
    struct Key: Hashable {
        private let server: String
        private let transport: ObjectIdentifier

        init(_ url: RequestURL, _ transport: PinnedTransport) {
            server = url.authority
            self.transport = ObjectIdentifier(transport)
        }
    }

    private let streams: Int
    private var groups: [Key: ConnectionGroup] = [:]

    init(streams: Int) {
        self.streams = streams
    }

    /// The group of a key, made when it is first changed and gone when it is empty again.
    subscript(key: Key) -> ConnectionGroup {
        get { groups[key] ?? ConnectionGroup(streams: streams) }
        _modify {
            var group = groups.removeValue(forKey: key) ?? ConnectionGroup(streams: streams)
            defer { if !group.isEmpty { groups[key] = group } }
            yield &group
        }
    }
}
