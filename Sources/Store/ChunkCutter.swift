import ByteBlocks
import Foundation
import LogModel

/// Cuts the lines of a stream into chunks of whole lines and compresses them.
///
/// Small batches are joined and large ones cut, so that a chunk comes close to its limit and
/// goes beyond it only for a single longer line. A line without a newline ends its chunk. Large
/// batches are compressed from where they lie; only pieces under half a chunk are copied.
///
/// Owned by the writer lane, and used for one stream after the other: `begin`, any number of `add`
/// and `addGap`, `finish`.
struct ChunkCutter: ~Copyable {
    /// Bytes of text a chunk may have, unless it is a single line.
    private var chunkBytes = 0

    private var compressor: ZstdCompressor
    private var position = ChunkPosition()
    private var chunks: [Chunk] = []
    private var text: [UInt8] = []
    private var times: [Int64] = []
    private var varints: [UInt8] = []

    /// Makes a cutter; throws when there is no memory for compression.
    init() throws(StoreError) {
        compressor = try ZstdCompressor()
    }

    /// Starts with a stream whose next chunk begins at `position`, cutting at `chunkBytes`.
    mutating func begin(at position: ChunkPosition, chunkBytes: Int) {
        self.position = position
        self.chunkBytes = chunkBytes
        chunks = []
    }

    /// Adds lines.
    mutating func add(_ batch: LineBatch) {
        var line = 0
        while line < batch.count {
            let start = batch.start(line)
            let room = chunkBytes - text.count
            var end = Self.line(behind: start + room, in: batch, from: line)
            if end == line {
                // Not even one line fits: close what is there, or take a long line alone.
                if !times.isEmpty {
                    closeJoined(isOpen: false)
                    continue
                }
                end = line + 1
            }
            let from = start
            let to = Int(batch.ends[end - 1])
            let isOpen = end == batch.count && !batch.endsWithNewline
            let piece = unsafe UnsafeRawBufferPointer(rebasing: batch.text.bytes[from..<to])
            if times.isEmpty && (isOpen || to - from >= chunkBytes / 2) {
                unsafe batch.times.withUnsafeBufferPointer { all in
                    unsafe close(
                        piece, times: UnsafeBufferPointer(rebasing: all[line..<end]),
                        isOpen: isOpen)
                }
            } else {
                unsafe text.append(contentsOf: piece)
                times.append(contentsOf: batch.times[line..<end])
                if isOpen { closeJoined(isOpen: true) }
            }
            line = end
        }
    }

    /// Adds a gap record, as a chunk of its own.
    ///
    /// - Returns: the line of text that readers see.
    mutating func addGap(_ gap: NumberedGap) -> NumberedBatch {
        closeJoined(isOpen: false)
        let text = ByteBlock(Array(gap.gap.text.utf8) + [UInt8(ascii: "\n")])
        let times = [gap.gap.to.nanoseconds]
        unsafe times.withUnsafeBufferPointer { times in
            unsafe close(text.bytes, times: times, isOpen: false, kind: .gap)
        }
        let batch = LineBatch(text: text, ends: [UInt32(text.count)], times: times)
        return NumberedBatch(first: gap.line, batch: batch)
    }

    /// The chunks since `begin`, and where the next one begins.
    mutating func finish() -> (chunks: [Chunk], next: ChunkPosition) {
        closeJoined(isOpen: false)
        let result = chunks
        chunks = []
        return (result, position)
    }

    /// The first line, at or behind `from`, that does not end within the first `offset` bytes.
    private static func line(behind offset: Int, in batch: LineBatch, from: Int) -> Int {
        if batch.byteCount <= offset { return batch.count }
        var low = from
        var high = batch.count
        while low < high {
            let middle = (low + high) / 2
            if Int(batch.ends[middle]) <= offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func closeJoined(isOpen: Bool) {
        guard !times.isEmpty else { return }
        var joinedText: [UInt8] = []
        var joinedTimes: [Int64] = []
        swap(&joinedText, &text)
        swap(&joinedTimes, &times)
        unsafe joinedText.withUnsafeBytes { bytes in
            unsafe joinedTimes.withUnsafeBufferPointer { times in
                unsafe close(bytes, times: times, isOpen: isOpen)
            }
        }
        joinedText.removeAll(keepingCapacity: true)
        joinedTimes.removeAll(keepingCapacity: true)
        swap(&joinedText, &text)
        swap(&joinedTimes, &times)
    }

    private mutating func close(
        _ text: UnsafeRawBufferPointer, times: UnsafeBufferPointer<Int64>, isOpen: Bool,
        kind: Chunk.Kind = .text
    ) {
        var maxTime = position.maxTime
        for index in 0..<times.count {
            unsafe maxTime = max(maxTime, times[index])
        }
        let chunk = unsafe Chunk(
            firstLine: position.line, lines: times.count, firstByte: position.byte,
            bytes: text.count, firstNewline: position.newlines, isOpen: isOpen,
            lastTime: times[times.count - 1], maxTime: maxTime, kind: kind,
            times: TimesCodec.encode(times, scratch: &varints, compressor: &compressor),
            text: compressor.frame(text))
        position.line += Int64(times.count)
        position.byte += Int64(text.count)
        position.newlines += Int64(times.count) - (isOpen ? 1 : 0)
        position.maxTime = maxTime
        chunks.append(chunk)
    }
}
