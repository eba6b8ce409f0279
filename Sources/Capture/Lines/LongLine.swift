import LogModel

/// Cuts one line that is longer than a part, or that has stamps inside, into its parts.
///
/// A part is ``LineCuts/partBytes`` of the line as the container wrote it, counted from the
/// line's start: a replay of the same line gives the same parts. A part is emitted only when more of
/// the line is known to follow, so that a line of exactly one part is one line with its newline.
struct LongLine {
    /// The line's timestamp, which all its parts carry.
    let time: Int64
    private let stamps: FragmentStamps
    private let cuts: LineCuts
    private var reader = StampReader()
    private var parts = 0

    init(time: Int64, stamps: FragmentStamps, cuts: LineCuts) {
        self.time = time
        self.stamps = stamps
        self.cuts = cuts
    }

    /// Takes parts of an unfinished line while they are certain.
    ///
    /// - Returns: how many bytes of `content` were used.
    mutating func takeCertain(
        of content: UnsafeRawBufferPointer, emit: (LineBatch) -> Void
    ) -> Int {
        var used = 0
        while content.count - used >= cuts.certainBytes(stamps) {
            let rest = UnsafeRawBufferPointer(rebasing: content[used...])
            used += takePart(of: rest, isEnd: { _ in false }, newline: false, emit: emit)
        }
        return used
    }

    /// Takes all of `content`, which ends the line.
    mutating func takeRest(
        of content: UnsafeRawBufferPointer, newline: Bool, emit: (LineBatch) -> Void
    ) {
        var used = 0
        repeat {
            let rest = UnsafeRawBufferPointer(rebasing: content[used...])
            used += takePart(
                of: rest, isEnd: { $0 == rest.count }, newline: newline, emit: emit)
        } while used < content.count
    }

    private mutating func takePart(
        of content: UnsafeRawBufferPointer, isEnd: (Int) -> Bool, newline: Bool,
        emit: (LineBatch) -> Void
    ) -> Int {
        var part: [UInt8] = []
        part.reserveCapacity(min(content.count, cuts.partBytes))
        var index = parts == 0 ? 0 : behindStamp(content, at: 0)
        while index < content.count, part.count < cuts.partBytes {
            let room = cuts.partBytes - part.count
            let take = min(
                stamps == .none ? room : cuts.recordBytes, content.count - index)
            part.append(contentsOf: content[index..<index + take])
            index += take
            if take == cuts.recordBytes, index < content.count,
                part.count < cuts.partBytes
            {
                index = behindStamp(content, at: index)
            }
        }
        parts += 1
        var builder = LineBatchBuilder()
        part.withUnsafeBytes { bytes in
            builder.add(bytes, time: time, newline: newline && isEnd(index))
        }
        if let batch = builder.take() { emit(batch) }
        return index
    }

    private mutating func behindStamp(_ content: UnsafeRawBufferPointer, at index: Int) -> Int {
        guard stamps != .none, let (stamp, end) = reader.read(content, at: index),
            stamps.removes(stamp: stamp, line: time)
        else { return index }
        return end
    }
}
