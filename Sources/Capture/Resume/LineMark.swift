import LogModel

/// What identifies a line when a replay is compared with what is stored: its timestamp, its length,
/// whether a newline follows, and a keyed 64-bit hash of its bytes (SipHash, a new key each run).
struct LineMark: Hashable {
    let time: Int64
    let length: Int
    let isTerminated: Bool
    let hash: Int

    /// Marks line `index` of `batch`.
    init(_ batch: LineBatch, _ index: Int) {
        let line = batch.line(index)
        var hasher = Hasher()
        hasher.combine(bytes: line)
        hash = hasher.finalize()
        time = batch.times[index]
        length = line.count
        isTerminated = Int(batch.ends[index]) - batch.start(index) > line.count
    }
}

extension LineBatch {
    /// Whether line `index` is what remains of line `other` of `batch` when its first records are
    /// missing: they were rotated away, or filtered by `sinceTime`. The kubelet then stamps the line
    /// with the time of the first record that is left.
    func isTail(_ index: Int, of batch: LineBatch, _ other: Int) -> Bool {
        let tail = line(index)
        let whole = batch.line(other)
        let missing = whole.count - tail.count
        guard missing > 0, missing.isMultiple(of: FragmentStamps.recordBytes), !tail.isEmpty,
            times[index] >= batch.times[other]
        else { return false }
        return whole[missing...].elementsEqual(tail)
    }

    /// Whether line `index` is what a cut left of line `other` of `batch`: its beginning, perhaps
    /// with a piece of a stamp that stood behind a record of the runtime.
    func isBeginning(_ index: Int, of batch: LineBatch, _ other: Int) -> Bool {
        let beginning = line(index)
        let whole = batch.line(other)
        guard times[index] == batch.times[other] else { return false }
        let behindRecord = beginning.count % FragmentStamps.recordBytes
        let mayEndInStamp =
            beginning.count > FragmentStamps.recordBytes && behindRecord < StampReader.longest
        let certain = beginning.count - (mayEndInStamp ? behindRecord : 0)
        let isWhole = beginning.count == whole.count && !batch.isTerminated(other)
        return !isWhole && certain <= whole.count
            && whole[..<certain].elementsEqual(beginning[..<certain])
    }

    /// Whether a newline follows line `index`.
    private func isTerminated(_ index: Int) -> Bool {
        Int(ends[index]) - start(index) > line(index).count
    }
}
