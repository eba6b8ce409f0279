import LogModel
import Store

/// How often each line is stored, wherever it stands: some 60 bytes for each different line, for
/// logs that are read as a whole.
struct LineTally {
    private var counts: [LineMark: Int] = [:]
    private var left = 0

    /// Counts all lines of `cursor`.
    init(_ cursor: consuming OverlapCursor) async throws {
        var cursor = cursor
        while let batch = try await cursor.next()?.batch {
            for index in 0..<batch.count { counts[LineMark(batch, index), default: 0] += 1 }
            left += batch.count
        }
    }

    /// Whether every line was taken.
    var isEmpty: Bool { left == 0 }

    /// Takes a line out; `false` when there is none like it left.
    mutating func take(_ mark: LineMark) -> Bool {
        guard let count = counts[mark], count > 0 else { return false }
        counts[mark] = count - 1
        left -= 1
        return true
    }
}
