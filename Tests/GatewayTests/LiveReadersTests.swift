import ByteBlocks
import Dispatch
import Foundation
import LogModel
import Logging
import Store
import Synchronization
import Testing

@testable import Gateway

/// Many readers of one stream, over a real store.
@Suite(.timeLimit(.minutes(5))) struct LiveReadersTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// A store with one stream, and the live ends over it.
    private struct World: Sendable {
        let store: Store
        let writer: StreamWriter
        let lives: LiveLogs

        func reader(
            _ form: LogForm = .text, from line: Int64 = 0, to end: Int64? = nil
        ) async throws -> TestReader {
            let tail = try await store.tail(of: writer.row)
            var info = Samples.stream()
            info = try await store.read { try $0.stream(row: 1) } ?? info
            let plan = LogPlan(
                segments: [
                    LogSegment(
                        stream: info, tail: tail, first: line, end: end, startsInsideLine: false)
                ], since: nil)
            let rendering = LogRendering(form, startsInsideLine: false, stream: "s")
            let reader = LogReader(
                plan, store: store, lives: lives, isTextOnly: rendering.isTextOnly)
            return TestReader(
                LogOutput(reader, rendering, logger: LiveReadersTests.logger))
        }
    }

    private func withWorld(
        recentBytes: Int = 64 << 20, frameBytes: Int = 16 << 20,
        _ body: (World) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            var settings = StoreSettings()
            settings.recentBytes = recentBytes
            let store = try Store.open(
                directory: directory.path, settings: settings, logger: Self.logger)
            do {
                let writer = try await store.openStream(
                    StreamDescriptor(
                        id: StreamID(podUID: "u", container: "c", attempt: 0),
                        namespace: "default", pod: "p", kind: .main))
                let lives = LiveLogs(limitBytes: frameBytes, counters: ReaderCounters())
                try await body(World(store: store, writer: writer, lives: lives))
            } catch {
                await store.close()
                throw error
            }
            await store.close()
        }
    }

    /// A reader with one wake for all that it asks, as a socket has one.
    private struct TestReader: Sendable {
        let output: LogOutput
        let wakes: AsyncStream<Void>
        let wake: AsyncStream<Void>.Continuation

        init(_ output: LogOutput) {
            self.output = output
            (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        }

        /// The next block; `nil` at the end.
        func next() async throws -> ByteBlock? {
            while true {
                try Task.checkCancellation()
                switch output.next(wake: { wake.yield() }) {
                case .block(let block): return block
                case .end: return nil
                case .wait: for await _ in wakes { break }
                case .cut, .failed: throw StoreClosed()
                }
            }
        }
    }

    private struct StoreClosed: Error {}

    /// Reads to the end, pausing for `pauses` of its blocks until the writer has gone on.
    private func follow(_ reader: TestReader, pauseAt: Set<Int> = [], _ pause: () async -> Void)
        async throws -> String
    {
        var text = ""
        var blocks = 0
        while let block = try await reader.next() {
            text += block.text
            blocks += 1
            if pauseAt.contains(blocks) { await pause() }
        }
        reader.output.close()
        return text
    }

    @Test(arguments: [64 << 20, 3_000], [16 << 20, 0])
    func `every reader gets each line once, wherever it starts and however it lags`(
        recentBytes: Int, frameBytes: Int
    ) async throws {
        try await withWorld(recentBytes: recentBytes, frameBytes: frameBytes) { world in
            let (released, release) = AsyncStream<Void>.makeStream()
            var expected: [String] = []
            try await withThrowingTaskGroup(of: (Int64, String).self) { group in
                func start(from line: Int64, lags: Bool) async throws {
                    let reader = try await world.reader(from: line)
                    group.addTask {
                        let text = try await follow(reader, pauseAt: lags ? [3, 40] : []) {
                            // Behind by all that was written meanwhile.
                            for await _ in released { break }
                        }
                        return (line, text)
                    }
                }
                for index in 0..<20 { try await start(from: 0, lags: index.isMultiple(of: 5)) }
                for number in 0..<400 {
                    let lines = ["line \(number)", "more of \(number)"]
                    expected += lines
                    try await world.writer.append(Samples.batch(lines).batch)
                    if number.isMultiple(of: 40) {
                        try await world.writer.committed()
                        try await start(from: Int64(number), lags: false)
                    }
                }
                try await world.writer.committed()
                release.finish()
                try await world.writer.end(exitCode: 0, reason: nil)
                for try await (line, text) in group {
                    let whole = expected[Int(line)...].map { $0 + "\n" }.joined()
                    #expect(text == whole, "from line \(line)")
                }
            }
            #expect(world.lives.frameBytes == 0, "frames are freed with their last reader")
        }
    }

    @Test func `readers at the live end are sent the same blocks`() async throws {
        try await withWorld { world in
            let one = try await world.reader()
            let other = try await world.reader()
            async let first = one.next()
            async let second = other.next()
            // The store's thread is kept busy until it has both to commit at once.
            let (busy, begins) = AsyncStream<Void>.makeStream()
            let release = DispatchSemaphore(value: 0)
            async let work: Void = world.store.write { _ in
                begins.yield()
                release.wait()
            }
            for await _ in busy { break }
            try await world.writer.append(Samples.batch(["a"]).batch)
            try await world.writer.append(Samples.batch(["b"]).batch)
            release.signal()
            try await work
            let blocks = (try await first, try await second)
            #expect(blocks.0?.text == "a\nb\n", "one frame of two batches")
            #expect(blocks.0 === blocks.1)
            one.output.close()
            other.output.close()
        }
    }

    @Test func `a reader that is far behind leaves the others' frames alone`() async throws {
        try await withWorld { world in
            for number in 0..<200 {
                try await world.writer.append(Samples.batch(["line \(number)"]).batch)
            }
            try await world.writer.committed()
            let late = try await world.reader(from: 0)
            let ahead = try await world.reader(from: 200)
            #expect(try await late.next()?.text.hasPrefix("line 0\n") == true)
            async let waiting = ahead.next()
            try await world.writer.append(Samples.batch(["new"]).batch)
            #expect(try await waiting?.text == "new\n")
            #expect(try await late.next()?.text == "new\n")
            late.output.close()
            ahead.output.close()
        }
    }

    @Test(arguments: [0, 3])
    func `a reader that waits beyond the end takes nothing from the others`(
        before: Int
    ) async throws {
        try await withWorld { world in
            for number in 0..<before {
                try await world.writer.append(Samples.batch(["line \(number)"]).batch)
            }
            try await world.writer.committed()
            let beyond = try await world.reader(from: 1_000)
            func waits(_ reader: TestReader) -> Bool {
                guard case .wait = reader.output.next(wake: { reader.wake.yield() }) else {
                    return false
                }
                return true
            }
            #expect(waits(beyond))
            let one = try await world.reader(from: Int64(before))
            let other = try await world.reader(from: Int64(before))
            for number in 0..<3 {
                #expect(waits(one) && waits(other), "there is nothing that could be missing")
                try await world.writer.append(Samples.batch(["new \(number)"]).batch)
                try await world.writer.committed()
                // It asks first, every time.
                #expect(waits(beyond))
                let (first, second) = (try await one.next(), try await other.next())
                #expect(first?.text == "new \(number)\n")
                #expect(first === second)
            }
            #expect(world.lives.counters.fromStore.load(ordering: .relaxed) == 0)
            #expect(world.lives.counters.own.load(ordering: .relaxed) == 0, "frames are shared")
            try await world.writer.end(exitCode: 0, reason: nil)
            #expect(try await beyond.next() == nil)
            for reader in [beyond, one, other] { reader.output.close() }
        }
    }

    @Test func `a gap record is a frame of its own, and a record for those who read records`()
        async throws
    {
        try await withWorld { world in
            let reader = try await world.reader(.records)
            try await world.writer.append(Samples.batch(["a\"\u{1}"]).batch)
            try await world.writer.append(
                GapRecord(
                    certainty: .certain, from: nil, to: LogTime(seconds: 5), reason: "rotated"))
            try await world.writer.append(Samples.batch([[0x62, 0xFF]], times: [1]).batch)
            try await world.writer.end(exitCode: 0, reason: nil)
            var frames: [String] = []
            while let block = try await reader.next() { frames.append(block.text) }
            #expect(
                frames == [
                    #"{"s":"s","from":0,"text":"a\"\u0001\n","times":["1970-01-01T00:00:00.000000000Z"]}"#,
                    #"{"gap":{"s":"s","line":1,"certainty":"certain","to":"1970-01-01T00:00:05.000000000Z","reason":"rotated"}}"#,
                    "{\"s\":\"s\",\"from\":2,\"text\":\"b\u{FFFD}\\n\",\"times\":[\"1970-01-01T00:00:00.000000001Z\"]}",
                ])
            reader.output.close()
        }
    }

    @Test func `the store's end wakes those who wait`() async throws {
        try await withWorld { world in
            let reader = try await world.reader()
            let waiting = Task { try await reader.next() }
            await world.store.close()
            await #expect(throws: StoreClosed.self) { _ = try await waiting.value }
            reader.output.close()
        }
    }
}
