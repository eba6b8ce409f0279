import LogModel

/// The recent batches of one stream: added at the end, dropped at the front, found by line number.
struct BatchWindow: Sendable {
    private var slots: [NumberedBatch?] = []
    private var head = 0

    /// An empty window; it takes no memory.
    init() {}

    /// The first line that is here.
    var firstLine: Int64? { head < slots.count ? slots[head]?.first : nil }

    /// Adds a batch behind all others.
    mutating func append(_ batch: NumberedBatch) {
        slots.append(batch)
    }

    /// Drops the oldest batch.
    mutating func removeFirst() {
        guard head < slots.count else { return }
        slots[head] = nil
        head += 1
        if head == slots.count {
            slots = []
            head = 0
        } else if head > 32, head > slots.count / 2 {
            slots.removeFirst(head)
            head = 0
        }
    }

    /// The batch that holds line `line`.
    func batch(containing line: Int64) -> NumberedBatch? {
        var low = head
        var high = slots.count
        while low < high {
            let middle = (low + high) / 2
            guard let batch = slots[middle] else { return nil }
            if batch.next <= line { low = middle + 1 } else { high = middle }
        }
        guard low < slots.count, let batch = slots[low], batch.first <= line else { return nil }
        return batch
    }
}
