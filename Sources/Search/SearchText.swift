package import ByteBlocks
import Glibc

/// Consecutive stored lines as one text to be searched, or a gap record.
///
/// A long line is stored in parts, each with a number of its own; here they stand joined, and count
/// as one line with the number of its first part.
package struct SearchText: Sendable {
    /// The number of the first line.
    package let first: Int64
    /// The number behind the last.
    package let next: Int64
    /// The lines with their newlines; the last one may have none.
    package let block: ByteBlock
    /// Where in ``block`` later parts of long lines begin, in order.
    package let joins: [Int]
    /// Each number's timestamp, in nanoseconds since 1970, where they were read.
    package var times: [Int64]?
    /// Whether this is a gap record, which is shown and never searched.
    package let isGap: Bool

    /// Makes a text.
    package init(
        first: Int64, next: Int64, block: ByteBlock, joins: [Int] = [], times: [Int64]? = nil,
        isGap: Bool = false
    ) {
        self.first = first
        self.next = next
        self.block = block
        self.joins = joins
        self.times = times
        self.isGap = isGap
    }

    /// The time of the line with the number `number`, where it is known.
    func time(of number: Int64) -> Int64? {
        guard let times, number >= first, number - first < times.count else { return nil }
        return times[Int(number - first)]
    }
}

/// One line of a ``SearchText``.
struct SearchLine: Sendable, Equatable {
    /// The offset of its first byte.
    let start: Int
    /// The offset behind its last byte, without the newline.
    let end: Int
    /// Its number.
    let number: Int64
    /// The number of the line behind it, and of all its parts.
    let next: Int64
}

/// Goes through a text line by line, from the first to the last, counting their numbers.
struct LineCursor: Sendable {
    /// The offset of the line that comes next; the text's size behind the last.
    private(set) var at = 0
    private var number: Int64
    private var join = 0
    private let text: SearchText

    /// Before the first line of `text`.
    init(_ text: SearchText) {
        self.text = text
        number = text.first
    }

    /// The next line; `nil` behind the last. Bytes there are, so an empty last part is no line.
    mutating func next() -> SearchLine? {
        guard at < text.block.count else { return nil }
        let start = at
        let first = number
        let end = newline(from: at) ?? text.block.count
        pass(to: min(end + 1, text.block.count))
        // The numbers of the last line's parts, also of an empty one behind it, end with the text.
        let isLast = at == text.block.count
        return SearchLine(
            start: start, end: end, number: first, next: isLast ? text.next : number)
    }

    /// Goes on to the line that holds the byte `offset`.
    mutating func advance(toLineOf offset: Int) {
        while let end = newline(from: at), end < offset { pass(to: end + 1) }
    }

    private mutating func pass(to offset: Int) {
        at = offset
        number += 1
        while join < text.joins.count, text.joins[join] < offset {
            number += 1
            join += 1
        }
    }

    private func newline(from offset: Int) -> Int? {
        let bytes = unsafe text.block.bytes
        guard offset < bytes.count, let base = bytes.baseAddress else { return nil }
        let found = unsafe memchr(base + offset, Int32(UInt8(ascii: "\n")), bytes.count - offset)
        return unsafe found.map { unsafe base.distance(to: UnsafeRawPointer($0)) }
    }
}
