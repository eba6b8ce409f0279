import ByteBlocks
import LogModel
import RandomNumbers
import Testing

@testable import Store

/// What a stream must hold, in the simplest form: a list of lines.
struct LogModelOfStream {
    struct Line {
        var bytes: [UInt8]
        var time: Int64
    }

    var lines: [Line] = []
    var gaps: [NumberedGap] = []

    mutating func add(_ gap: GapRecord) {
        gaps.append(NumberedGap(line: Int64(lines.count), gap: gap))
        lines.append(Line(bytes: Array((gap.text + "\n").utf8), time: gap.to.nanoseconds))
    }

    /// Adds lines of random bytes (most short, some empty, few very long) and times out of order.
    mutating func addRandomLines(
        using random: inout SeededGenerator
    ) throws -> LineBatch {
        let count = Int.random(in: 1...40, using: &random)
        let newline = Int.random(in: 0..<6, using: &random) > 0
        var texts: [[UInt8]] = []
        var times: [Int64] = []
        for index in 0..<count {
            let isLong = Int.random(in: 0..<400, using: &random) == 0
            let isEmpty = Int.random(in: 0..<5, using: &random) == 0
            let size = isLong ? 100_000 : isEmpty ? 0 : Int.random(in: 1...90, using: &random)
            let text = (0..<size).map { _ in
                let byte = UInt8.random(in: 0...255, using: &random)
                return byte == 0x0a ? 0x0b : byte
            }
            let time = Int64.random(in: -5...1_000, using: &random) * 999_999_937
            texts.append(text)
            times.append(time)
            let end: [UInt8] = newline || index < count - 1 ? [0x0a] : []
            lines.append(Line(bytes: text + end, time: time))
        }
        return try batch(bytes: texts, times: times, newline: newline)
    }

    /// Compares everything that can be asked for.
    func check(_ store: Store, stream: Int64) async throws {
        let text = lines.flatMap(\.bytes)
        let read = try await contents(of: stream, in: store)
        #expect(read.text == text)
        #expect(read.times == lines.map(\.time))
        let info = try #require(try await store.read { try $0.stream(row: stream) })
        #expect(info.lines == Int64(lines.count) && info.bytes == Int64(text.count))
        #expect(info.gaps == gaps.count)
        #expect(info.maxTime?.nanoseconds == lines.map(\.time).max())
        #expect(try await store.read { try $0.gaps(ofStream: stream) } == gaps)
        for time in stride(from: Int64(-6), through: 1_001, by: 77) {
            let time = time * 999_999_937
            let expected = lines.firstIndex { $0.time >= time } ?? lines.count
            let found = try await store.line(
                stream: stream, atOrAfter: LogTime(nanoseconds: time))
            #expect(found == Int64(expected))
        }
        var starts = [0]
        for (index, line) in lines.enumerated() where line.bytes.last == 0x0a {
            starts.append(index + 1)
        }
        if starts.last == lines.count { starts.removeLast() }
        for count in [0, 1, 2, 7, 100, starts.count - 1, starts.count, 1_000_000] {
            let expected =
                count == 0
                ? lines.count : count >= starts.count ? 0 : starts[starts.count - count]
            #expect(try await store.tailStart(stream: stream, count: count).line == Int64(expected))
        }
        for line in stride(from: 0, to: lines.count, by: 97) {
            let offset = lines[..<line].reduce(0) { $0 + $1.bytes.count }
            var rest: [UInt8] = []
            var next = Int64(line)
            while let found = try store.packedBlocking(
                stream: stream, lines: next..<Int64(lines.count), bytes: .max)
            {
                #expect(found.endsWithNewline == (lines[Int(found.next) - 1].bytes.last == 0x0a))
                rest += try found.unpackBlocks().flatMap { $0.copy }
                next = found.next
            }
            #expect(rest == Array(text[offset...]))
        }
    }
}
