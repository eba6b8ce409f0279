import ByteBlocks
import Foundation
import LogModel
import RandomNumbers
import Testing

@testable import Store

@Suite struct StreamStorageTests {
    @Test func linesComeBackByteForByteWithTheirNumbersAndTimes() async throws {
        try await StoreFixture.with { store, _ in
            let writer = try await store.openStream(.named("a"))
            try await writer.append(try batch(["one", "", "three"], time: 5))
            try await writer.append(try batch(["tail"], time: 9, newline: false))
            #expect(writer.next == 4)
            try await writer.committed()
            let read = try await contents(of: writer.row, in: store)
            #expect(String(decoding: read.text, as: UTF8.self) == "one\n\nthree\ntail")
            #expect(read.times == [5, 6, 7, 9].map { $0 * 1_000_000_000 })
            #expect(read.next == 4)
            let info = try #require(
                try await store.streams(
                    StreamQuery(
                        id: .init(
                            podUID: "uid-a", container: "main", attempt: 0))
                ).first)
            #expect(info.lines == 4 && info.bytes == 15 && info.state == .live)
            #expect(info.lastTime == LogTime(seconds: 9))
            #expect(try await store.batch(stream: writer.row, at: 4) == nil)
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8])
    func randomBatchesMatchAModel(seed: UInt64) async throws {
        try await StoreFixture.with({
            $0.chunkBytes = seed.isMultiple(of: 2) ? 256 : 64 << 10
            $0.mergeRows = 4
            $0.commitInterval = .zero
        }) { store, fixture in
            var random = SeededGenerator(seed: seed)
            var model = LogModelOfStream()
            let writer = try await store.openStream(.named("m"))
            for _ in 0..<120 {
                if Int.random(in: 0..<12, using: &random) == 0 {
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
            try await model.check(store, stream: writer.row)
            let image = try fixture.crashImage()
            let crashed = try image.open()
            try await model.check(crashed, stream: writer.row)
            let again = try await crashed.openStream(.named("m"))
            #expect(again.next == writer.next)
            #expect(again.row == writer.row)
            try await again.append(try model.addRandomLines(using: &random))
            try await again.end(exitCode: 0, reason: "Completed")
            try await model.check(crashed, stream: writer.row)
            await crashed.close()
            try image.remove()
        }
    }

    @Test func smallChunksAreMergedInALiveStream() async throws {
        try await StoreFixture.with({ $0.commitInterval = .zero }) { store, _ in
            let writer = try await store.openStream(.named("slow"))
            var expected = ""
            for number in 0..<1_100 {
                try await writer.append(try batch(["line \(number)"], time: Int64(number)))
                try await writer.committed()
                expected += "line \(number)\n"
            }
            let rows = try await store.read { snapshot in
                try ChunkTable(db: snapshot.connection.db).tail(stream: writer.row, count: 10_000)
            }
            #expect(rows.count <= 2 * store.settings.mergeRows)
            let read = try await contents(of: writer.row, in: store)
            #expect(String(decoding: read.text, as: UTF8.self) == expected)
            try await writer.end(exitCode: 0, reason: nil)
            let ended = try await store.read { snapshot in
                try ChunkTable(db: snapshot.connection.db).tail(stream: writer.row, count: 10_000)
            }
            #expect(ended.count == 2)
        }
    }

    @Test func aLineOfOneMebibyteIsOneChunk() async throws {
        try await StoreFixture.with { store, _ in
            let writer = try await store.openStream(.named("long"))
            let part = [UInt8](repeating: 0x78, count: LineLimits.partBytes)
            try await writer.append(try batch(bytes: [part], times: [1], newline: false))
            try await writer.append(try batch(bytes: [part], times: [1], newline: false))
            try await writer.append(try batch(["end"]))
            try await writer.append(try batch(["next"]))
            try await writer.committed()
            let read = try await contents(of: writer.row, in: store)
            #expect(read.text == part + part + Array("end\nnext\n".utf8))
            #expect(try await store.tailStart(stream: writer.row, count: 2).line == 0)
            #expect(try await store.tailStart(stream: writer.row, count: 1).line == 3)
            // Of what was there before a line: how much is stored behind it does not matter.
            for (end, count, expected) in [
                (4, 9, TailStart(line: 0, count: 2)), (3, 1, TailStart(line: 0, count: 1)),
                (3, 2, TailStart(line: 0, count: 1)), (2, 1, TailStart(line: 0, count: 1)),
                (3, 0, TailStart(line: 3, count: 0)), (0, 1, TailStart(line: 0, count: 0)),
            ] {
                let found = try await store.tailStart(
                    stream: writer.row, count: count, before: Int64(end))
                #expect(found == expected, "the last \(count) before \(end)")
            }
        }
    }

    @Test func aStreamThatEndedTakesNothingMore() async throws {
        try await StoreFixture.with { store, _ in
            let writer = try await store.openStream(.named("over"))
            try await writer.append(try batch(["last"]))
            try await writer.end(exitCode: 3, reason: "Error")
            try await writer.end(exitCode: 0, reason: "again")
            let error = await #expect(throws: StoreError.self) {
                try await writer.append(try batch(["more"]))
            }
            #expect(error?.code == .ended)
            let info = try #require(try await store.streams(.init()).first)
            #expect(info.state == .ended && info.exitCode == 3 && info.reason == "Error")
            #expect(info.endedAt != nil && info.lines == 1)
        }
    }

    @Test func theOverlapBeginsWhereTheRunningMaximumReachesTheTimeAndLeavesGapsOut() async throws {
        try await StoreFixture.with { store, _ in
            let writer = try await store.openStream(.named("o"))
            let second: Int64 = 1_000_000_000
            try await writer.append(
                try batch(
                    bytes: ["a", "b", "c", "d"].map { Array($0.utf8) },
                    times: [1, 5, 3, 4].map { $0 * second }))
            try await writer.append(gap(to: 5))
            try await writer.append(try batch(["e", "f"], time: 6))
            try await writer.committed()
            var cursor = try await writer.overlap(since: LogTime(seconds: 4))
            var text = ""
            while let batch = try await cursor.next() { text += batch.batch.text.text }
            #expect(text == "b\nc\nd\ne\nf\n")
            #expect(writer.lastLine?.time == LogTime(seconds: 7))
            #expect(writer.lastLine?.line == 6)
            var nothing = try await writer.overlap(since: LogTime(seconds: 8))
            #expect(try await nothing.next() == nil)
        }
    }

    @Test func anAnsweredFrameIsTheTextInZstd() async throws {
        try await StoreFixture.with { store, _ in
            let writer = try await store.openStream(.named("z"))
            let lines = (0..<5_000).map { "line number \($0) with some words" }
            try await writer.append(try batch(lines))
            try await writer.committed()
            let found = try await store.frames(stream: writer.row, lines: 0..<5_000, bytes: .max)
            let frames = try #require(found)
            #expect(frames.next == 5_000 && !frames.isInsideLine)
            let expected = lines.map { $0 + "\n" }.joined()
            let text = try ZstdDecoder(contexts: 1).decode(
                Data(frames.block.bytes), count: expected.utf8.count)
            #expect(text.text == expected)
            let part = try #require(
                try store.packedBlocking(
                    stream: writer.row, lines: 4_321..<5_000, bytes: .max))
            #expect(part.next == 5_000)
            #expect(
                try part.unpackBlocks().map(\.text).joined()
                    == lines[4_321...].map { $0 + "\n" }.joined())
        }
    }
}
