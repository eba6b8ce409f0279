/// Names a connection for as long as the server runs: an index and the generation of its use, so
/// that a late wake or answer never reaches the connection that came after.
struct ConnectionID: Sendable, Hashable {
    let raw: UInt

    init(raw: UInt) {
        self.raw = raw
    }

    init(index: Int, generation: UInt32) {
        raw = UInt(generation) << 32 | UInt(index)
    }

    var index: Int { Int(raw & 0xFFFF_FFFF) }
    var generation: UInt32 { UInt32(truncatingIfNeeded: raw >> 32) }
}

/// The open connections, found by id without hashing.
struct ConnectionTable {
    private struct Slot {
        var generation: UInt32
        var connection: Connection?
    }

    private var slots: [Slot] = []
    private var free: [Int] = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    /// One more than the highest index in use.
    var indices: Range<Int> { slots.indices }

    /// Reserves an id, to be used with ``insert(_:)`` or given back with ``release(_:)``.
    mutating func reserve() -> ConnectionID {
        let index = free.popLast() ?? slots.count
        if index == slots.count { slots.append(Slot(generation: 0)) }
        // Zero is no generation, so that no id is a null pointer.
        slots[index].generation = slots[index].generation == .max ? 1 : slots[index].generation + 1
        return ConnectionID(index: index, generation: slots[index].generation)
    }

    mutating func insert(_ connection: Connection) {
        slots[connection.id.index].connection = connection
        count += 1
    }

    /// Gives back an id; the connection, if there is one, is returned.
    @discardableResult
    mutating func release(_ id: ConnectionID) -> Connection? {
        guard id.index < slots.count, slots[id.index].generation == id.generation else {
            return nil
        }
        let connection = slots[id.index].connection
        slots[id.index].connection = nil
        free.append(id.index)
        if connection != nil { count -= 1 }
        return connection
    }

    subscript(id: ConnectionID) -> Connection? {
        guard id.index < slots.count, slots[id.index].generation == id.generation else {
            return nil
        }
        return slots[id.index].connection
    }

    subscript(index index: Int) -> Connection? {
        slots[index].connection
    }
}
