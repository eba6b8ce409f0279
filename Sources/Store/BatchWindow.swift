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
        guard let index = index(containing: line) else { return nil }
        return slots[index]
    }

    /// The batch that holds line `line` and those behind it: at least that one, and no more than
    /// `bytes` of text; all of them begin before the line `end`, and but for the first one only
    /// those for which `joins` holds.
    func run(
        from line: Int64, before end: Int64, bytes: Int, while joins: (NumberedBatch) -> Bool
    ) -> [NumberedBatch] {
        guard let start = index(containing: line) else { return [] }
        var run: [NumberedBatch] = []
        var left = bytes
        for slot in slots[start...] {
            guard let batch = slot, batch.first < end else { break }
            left -= batch.batch.byteCount
            guard run.isEmpty || (left >= 0 && joins(batch)) else { break }
            run.append(batch)
            // Nothing follows a line without a newline in one batch.
            if !batch.batch.endsWithNewline { break }
        }
        return run
    }

    private func index(containing line: Int64) -> Int? {
        var low = head
        var high = slots.count
        while low < high {
            let middle = (low + high) / 2
            guard let batch = slots[middle] else { return nil }
            if batch.next <= line { low = middle + 1 } else { high = middle }
        }
        guard low < slots.count, let batch = slots[low], batch.first <= line else { return nil }
        return low
    }
}
