import ByteBlocks
import Foundation
import LogModel
import RandomNumbers
import Testing

@testable import Store

@Suite struct RenderedOffsetsTests {
    /// What readers see of the lines `range`: with `times`, 31 bytes before each line of its own.
    private func rendered(
        _ lines: [LogModelOfStream.Line], _ gaps: Set<Int>, _ range: Range<Int>, times: Bool
    ) -> [UInt8] {
        var text: [UInt8] = []
        for line in range {
            let isInside = line > 0 && lines[line - 1].bytes.last != 0x0a
            let isBreak = isInside && gaps.contains(line)
            if isBreak, line > range.lowerBound { text.append(0x0a) }
            if times, !isInside || isBreak { text += [UInt8](repeating: 0x74, count: 31) }
            text += lines[line].bytes
        }
        return text
    }

    @Test(arguments: [11, 12, 13, 14, 15, 16])
    func `bytes are counted and found by index as they would be by rendering`(
        seed: UInt64
    ) async throws {
        try await StoreFixture.with({
            $0.chunkBytes = seed.isMultiple(of: 2) ? 128 : 2_048
            $0.mergeRows = 3
            $0.commitInterval = .zero
        }) { store, _ in
            var random = SeededGenerator(seed: seed)
            var model = LogModelOfStream()
            let writer = try await store.openStream(.named("m"))
            for _ in 0..<60 {
                if Int.random(in: 0..<3, using: &random) == 0 {
                    let record = gap(to: Int64.random(in: 0..<1_000, using: &random))
                    try await writer.append(record)
                    model.add(record)
                } else {
                    let lines = try model.addRandomLines(using: &random)
                    try await writer.append(lines)
                }
                if Bool.random(using: &random) { try await writer.committed() }
            }
            try await writer.committed()
            let gaps = Set(model.gaps.map { Int($0.line) })
            let count = model.lines.count
            #expect(
                gaps.contains { $0 > 0 && model.lines[$0 - 1].bytes.last != 0x0a },
                "some gap is inside a line")
            for _ in 0..<40 {
                let first = Int.random(in: 0..<count, using: &random)
                let end = Int.random(in: first...count + 2, using: &random)
                let range = first..<max(first, min(end, count))
                let lines = Int64(first)..<Int64(end)
                for times in [false, true] {
                    let text = rendered(model.lines, gaps, range, times: times)
                    let found = try await store.renderedBytes(
                        stream: writer.row, lines: lines, timeBytes: times ? 31 : 0)
                    #expect(found == Int64(text.count))
                    guard !text.isEmpty else { continue }
                    let offset = Int.random(in: 0..<text.count, using: &random)
                    let place = try #require(
                        try await store.place(
                            stream: writer.row, from: Int64(first), ofByte: Int64(offset),
                            timeBytes: times ? 31 : 0))
                    #expect(place.offset <= offset)
                    let before = first..<Int(place.line)
                    let start = rendered(model.lines, gaps, before, times: times)
                    #expect(Int64(start.count) == place.offset)
                }
            }
            let whole = rendered(model.lines, gaps, 0..<count, times: false).count
            let beyond = try await store.place(
                stream: writer.row, from: 0, ofByte: Int64(whole))
            #expect(beyond == nil)
            try await checkFrames(store, writer.row, model.lines, gaps, using: &random)
        }
    }

    private func checkFrames(
        _ store: Store, _ stream: Int64, _ lines: [LogModelOfStream.Line], _ gaps: Set<Int>,
        using random: inout SeededGenerator
    ) async throws {
        let decoder = ZstdDecoder(contexts: 1)
        for _ in 0..<10 {
            let first = Int.random(in: 0..<lines.count, using: &random)
            let end = Int.random(in: first...lines.count, using: &random)
            let size = Int.random(in: 1...5_000, using: &random)
            var frames = Data()
            var next = Int64(first)
            var isInsideLine = false
            while let found = try await store.frames(
                stream: stream, lines: next..<Int64(end), isInsideLine: isInsideLine, bytes: size)
            {
                frames.append(contentsOf: found.block.bytes)
                next = found.next
                isInsideLine = found.isInsideLine
            }
            #expect(next == Int64(end))
            let text = rendered(lines, gaps, first..<end, times: false)
            if text.isEmpty { continue }
            let block = try decoder.decode(frames, count: text.count)
            let isEqual = withExtendedLifetime(block) { block.bytes.elementsEqual(text) }
            #expect(isEqual, "lines \(first)..<\(end)")
        }
    }
}
