import LogModel

/// The sizes at which a long line is cut: by the container runtime into records, and by us into the
/// parts that are stored.
///
/// A pure value, so that other sizes can be tried: with small ones a short text reaches every place
/// at which something is cut.
struct LineCuts: Sendable, Equatable {
    /// Bytes of one stored part.
    let partBytes: Int
    /// Bytes of one record of the runtime; parts are whole records.
    let recordBytes: Int

    /// What runtimes write and the store keeps.
    static let usual = LineCuts(
        partBytes: LineLimits.partBytes, recordBytes: FragmentStamps.recordBytes)

    /// How many bytes of an unfinished line must be there before its next part is certain: the
    /// part, the stamps that may be inside it, one that may follow, and one more byte.
    func certainBytes(_ stamps: FragmentStamps) -> Int {
        let records = partBytes / recordBytes
        let inside = stamps == .none ? 0 : (records + 1) * StampReader.longest
        return partBytes + inside + 1
    }
}
