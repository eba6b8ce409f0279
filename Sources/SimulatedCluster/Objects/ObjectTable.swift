/// Everything that a cluster's API shows: one table a kind, one version for all.
package struct ClusterTables: Sendable {
    /// The version of a cluster in which nothing has happened.
    static let firstVersion = 1_000

    /// The version of the last change.
    private(set) var version = firstVersion
    var pods: ObjectTable<PodRecord>
    var jobs: ObjectTable<JobRecord>

    init(historyCapacity: Int) {
        pods = ObjectTable(historyCapacity: historyCapacity)
        jobs = ObjectTable(historyCapacity: historyCapacity)
    }

    /// The version of the next change, which the caller makes.
    mutating func nextVersion() -> Int {
        version += 1
        return version
    }

    /// The namespaces that have something.
    var namespaces: Set<String> { pods.namespaces.union(jobs.namespaces) }
}

/// The objects of one kind in the order of their names, and their last changes.
package struct ObjectTable<Record: ObjectRecord>: Sendable {
    private var records: [ObjectKey: Record] = [:]
    private var order: [ObjectKey] = []
    private(set) var history: ObjectHistory<Record>

    init(historyCapacity: Int) {
        history = ObjectHistory(capacity: historyCapacity, start: ClusterTables.firstVersion)
    }

    /// The object of that name as it is now.
    subscript(key: ObjectKey) -> Record? { records[key] }

    /// The namespaces that have such objects.
    var namespaces: Set<String> { Set(order.map(\.namespace)) }

    /// Shows a new object, or a new version of one.
    mutating func put(_ record: Record) {
        let before = records.updateValue(record, forKey: record.key)
        if before == nil { order.insert(record.key, at: place(of: record.key)) }
        note(before, record, isRemoval: false)
    }

    /// Takes an object away; `record` is its last state, with the version of the removal.
    mutating func remove(_ record: Record) {
        guard let before = records.removeValue(forKey: record.key) else { return }
        order.remove(at: place(of: record.key))
        note(before, record, isRemoval: true)
    }

    /// At most `limit` selected objects after `start`, and how many lie behind the last of them.
    func list(
        _ selection: ObjectSelection, after start: ObjectKey?, limit: Int
    ) -> (records: [Record], remaining: Int) {
        var index = start.map(place) ?? 0
        if let start, index < order.count, order[index] == start { index += 1 }
        var found: [Record] = []
        while index < order.count, found.count < limit {
            if let record = records[order[index]], selection.matches(record) {
                found.append(record)
            }
            index += 1
        }
        let remaining = order[index...]
            .count { selection.namespace == nil || selection.namespace == $0.namespace }
        return (found, remaining)
    }

    /// Forgets all changes up to now.
    mutating func compact() {
        history.compact()
    }

    private mutating func note(_ before: Record?, _ after: Record, isRemoval: Bool) {
        history.append(
            ObjectChange(
                resourceVersion: after.resourceVersion, before: before, after: after,
                isRemoval: isRemoval))
    }

    private func place(of key: ObjectKey) -> Int {
        var low = 0
        var high = order.count
        while low < high {
            let middle = (low + high) / 2
            if order[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
