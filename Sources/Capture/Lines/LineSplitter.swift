import ByteBlocks
import Glibc
import LogModel

/// Turns the body of a log response (`timestamps=true`) into batches of lines.
///
/// The result depends only on the bytes, never on how they were cut into chunks. A line's content is
/// copied once, into its batch; nothing is allocated for a single line. What is kept between two
/// chunks is one unfinished line, of at most ``LineLimits/partBytes`` and some stamps: of a longer
/// one, parts are emitted as soon as they are certain.
package struct LineSplitter {
    /// What the bytes behind the last newline belong to.
    private enum Place {
        case lineStart
        case inside(LongLine)
        case insideUntimed
    }

    private let stamps: FragmentStamps
    private let cuts: LineCuts
    private let longestPlain: Int
    private var reader = StampReader()
    private var place = Place.lineStart
    private var isFirst = true
    /// The unfinished line, and how many of its bytes are known to hold no newline.
    private var carry: [UInt8] = []
    private var scanned = 0
    /// The lines of the batch that is being collected: where each starts in the chunk.
    private var starts: [Int] = []
    private var ends: [UInt32] = []
    private var times: [Int64] = []
    private var items: [SplitItem] = []

    /// A splitter for one body.
    package init(stamps: FragmentStamps = .none) {
        self.init(stamps: stamps, cuts: .usual)
    }

    /// A splitter that cuts long lines elsewhere.
    init(stamps: FragmentStamps, cuts: LineCuts) {
        self.stamps = stamps
        self.cuts = cuts
        self.longestPlain = stamps == .none ? cuts.partBytes : cuts.recordBytes
    }

    /// Takes the next chunk of the body and returns what is certain now.
    package mutating func split(_ chunk: [UInt8]) -> [SplitItem] {
        if carry.isEmpty {
            let used = chunk.withUnsafeBytes { scan($0) }
            carry.append(contentsOf: chunk[used...])
        } else {
            var bytes: [UInt8] = []
            swap(&bytes, &carry)
            bytes.append(contentsOf: chunk)
            let used = bytes.withUnsafeBytes { scan($0) }
            bytes.removeFirst(used)
            swap(&bytes, &carry)
        }
        defer { items = [] }
        return items
    }

    /// Ends the body: returns the line that has no newline, if there is one.
    ///
    /// The beginning of a timestamp is thrown away: the body was cut there.
    package mutating func finish() -> BodyRemainder {
        var remainder = BodyRemainder()
        var bytes: [UInt8] = []
        swap(&bytes, &carry)
        scanned = 0
        guard !bytes.isEmpty else { return remainder }
        bytes.withUnsafeBytes { rest in
            var line: LongLine
            var content = rest
            switch place {
            case .inside(let open): line = open
            case .insideUntimed:
                remainder.untimed = untimed(rest, isTerminated: false)
                return
            case .lineStart:
                guard let (time, end) = reader.read(rest, at: 0) else {
                    if !Self.mayBeginStamp(rest) {
                        remainder.untimed = untimed(rest, isTerminated: false)
                    }
                    return
                }
                line = LongLine(time: time, stamps: stamps, cuts: cuts)
                content = UnsafeRawBufferPointer(rebasing: rest[end...])
                if content.isEmpty { return }
            }
            line.takeRest(of: content, newline: false) { remainder.heldBack.append($0) }
        }
        place = .lineStart
        return remainder
    }

    /// Splits `bytes` and returns how many of them are done with.
    private mutating func scan(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var start = 0
        var search = scanned
        while let found = memchr(base + search, 0x0A, bytes.count - search) {
            let newline = UnsafeRawPointer(found) - base
            takeLine(bytes, start, newline)
            start = newline + 1
            search = start
        }
        flush(bytes)
        start = takeUnfinished(bytes, from: start)
        scanned = bytes.count - start
        return start
    }

    @inline(__always)
    private mutating func takeLine(
        _ bytes: UnsafeRawBufferPointer, _ start: Int, _ newline: Int
    ) {
        if case .lineStart = place,
            let (time, content) = reader.read(
                UnsafeRawBufferPointer(rebasing: bytes[..<newline]), at: start),
            newline - content <= longestPlain
        {
            let end = (ends.last ?? 0) &+ UInt32(truncatingIfNeeded: newline + 1 - content)
            starts.append(content)
            ends.append(end)
            times.append(time)
            isFirst = false
        } else {
            takeUnusualLine(bytes, start, newline)
        }
    }

    /// A line that is long, continues a long one, or has no timestamp.
    private mutating func takeUnusualLine(
        _ bytes: UnsafeRawBufferPointer, _ start: Int, _ newline: Int
    ) {
        flush(bytes)
        let all = UnsafeRawBufferPointer(rebasing: bytes[start..<newline])
        switch place {
        case .insideUntimed:
            items.append(.untimed(untimed(all, isTerminated: true)))
        case .inside(var line):
            line.takeRest(of: all, newline: true) { items.append(.lines($0)) }
        case .lineStart:
            if let (time, content) = reader.read(all, at: 0) {
                var line = LongLine(time: time, stamps: stamps, cuts: cuts)
                line.takeRest(
                    of: UnsafeRawBufferPointer(rebasing: all[content...]), newline: true
                ) { items.append(.lines($0)) }
                isFirst = false
            } else {
                items.append(.untimed(untimed(all, isTerminated: true)))
            }
        }
        place = .lineStart
    }

    /// Takes from the line that has no newline yet what is certain; returns where the rest starts.
    private mutating func takeUnfinished(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        guard rest.count >= cuts.partBytes else { return start }
        switch place {
        case .insideUntimed:
            items.append(.untimed(untimed(rest, isTerminated: false)))
            return bytes.count
        case .inside(var line):
            let used = line.takeCertain(of: rest) { items.append(.lines($0)) }
            place = .inside(line)
            return start + used
        case .lineStart:
            guard let (time, content) = reader.read(rest, at: 0) else {
                items.append(.untimed(untimed(rest, isTerminated: false)))
                place = .insideUntimed
                return bytes.count
            }
            guard rest.count - content >= cuts.certainBytes(stamps) else { return start }
            var line = LongLine(time: time, stamps: stamps, cuts: cuts)
            let used = line.takeCertain(
                of: UnsafeRawBufferPointer(rebasing: rest[content...])
            ) { items.append(.lines($0)) }
            place = .inside(line)
            isFirst = false
            return start + content + used
        }
    }

    /// Makes a batch of the lines collected so far: the one copy of their text.
    private mutating func flush(_ bytes: UnsafeRawBufferPointer) {
        guard let size = ends.last else { return }
        let block = ByteBlock(capacity: Int(size)) { target in
            guard let to = target.baseAddress, let from = bytes.baseAddress else { return 0 }
            var offset = 0
            for index in ends.indices {
                let end = Int(ends[index])
                memcpy(to + offset, from + starts[index], end - offset)
                offset = end
            }
            return offset
        }
        items.append(.lines(LineBatch(text: block, ends: ends, times: times)))
        let lines = ends.count
        starts.removeAll(keepingCapacity: true)
        ends = []
        times = []
        ends.reserveCapacity(lines)
        times.reserveCapacity(lines)
    }

    private mutating func untimed(
        _ bytes: UnsafeRawBufferPointer, isTerminated: Bool
    ) -> UntimedText {
        // One that is long comes in pieces, which are first together.
        defer { if isTerminated { isFirst = false } }
        return UntimedText(bytes: Array(bytes), isTerminated: isTerminated, isFirst: isFirst)
    }

    /// Whether `bytes` could be the beginning of a timestamp that was cut.
    private static func mayBeginStamp(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count < StampReader.longest
            && bytes.allSatisfy { byte in
                (0x30...0x3A).contains(byte) || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: "T") || byte == UInt8(ascii: ".")
                    || byte == UInt8(ascii: "Z") || byte == UInt8(ascii: "+")
            }
    }
}
