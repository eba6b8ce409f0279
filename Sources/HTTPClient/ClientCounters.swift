import Synchronization

/// What the curl thread counts, readable by any thread.
final class ClientCounters: Sendable {
    let requestsStarted = Atomic(0)
    let activeTransfers = Atomic(0)
    let holds = Atomic(0)
    let openConnections = Atomic(0)
    let bytesReceived = Atomic(0)

    /// The counts now. Each is exact; together they may be a moment apart.
    var statistics: HTTPClientStatistics {
        var statistics = HTTPClientStatistics()
        statistics.requestsStarted = requestsStarted.load(ordering: .relaxed)
        statistics.activeTransfers = activeTransfers.load(ordering: .relaxed)
        statistics.holds = holds.load(ordering: .relaxed)
        statistics.openConnections = openConnections.load(ordering: .relaxed)
        statistics.bytesReceived = bytesReceived.load(ordering: .relaxed)
        return statistics
    }
}

/// Adds to a counter that nothing else depends on.
func add(_ amount: Int, to counter: borrowing Atomic<Int>) {
    counter.wrappingAdd(amount, ordering: .relaxed)
}
