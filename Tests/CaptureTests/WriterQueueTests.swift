import LogModel
import Testing

@testable import Capture

@Suite("A further writer's queue", .timeLimit(.minutes(5)))
struct WriterQueueTests {
    private static let stream = StreamID(podUID: "u", container: "c", attempt: 0)

    /// Remembers what it hears; refuses the batch that begins at line `refused`.
    private actor Listener: LogWriter {
        struct Refusal: Error {}

        let refused: Int64?
        private(set) var lines: [Int64] = []
        private(set) var cutAt: Int64?
        private(set) var endedAt: Int64?

        init(refusing refused: Int64? = nil) {
            self.refused = refused
        }

        func write(_ batch: NumberedBatch, of stream: StreamID) throws {
            if batch.first == refused { throw Refusal() }
            lines += batch.first..<batch.next
        }

        func cutOff(at line: Int64, of stream: StreamID, reason: String) { cutAt = line }

        func ended(at line: Int64, of stream: StreamID) { endedAt = line }
    }

    /// Two lines of ten bytes in all, the first of which has that number.
    private static func batch(from first: Int64) throws -> NumberedBatch {
        let samples = [LineSample(first, "1234"), LineSample(first + 1, "5678")]
        return NumberedBatch(first: first, batch: try #require(LineBatch.of(samples)))
    }

    private static func queue(_ writer: Listener, limit: Int = 1 << 20) -> WriterQueue {
        WriterQueue(writer: writer, stream: stream, limit: limit)
    }

    @Test("hands over every batch once, in order, while others are queued, and then the end")
    func everything() async throws {
        let listener = Listener()
        let queue = Self.queue(listener)
        let batches = try (0..<2_000).map { try Self.batch(from: $0 * 2) }
        async let follower: Void = {
            for batch in batches { queue.offer(batch) }
            queue.end(at: 4_000)
        }()
        await queue.run()
        await follower
        #expect(await listener.lines == Array(0..<4_000))
        #expect(await listener.endedAt == 4_000)
        #expect(await listener.cutAt == nil)
    }

    @Test("hands over what fits at its bound, and names the first line that is missed")
    func bound() async throws {
        let listener = Listener()
        let queue = Self.queue(listener, limit: 25)
        for first in stride(from: Int64(0), to: 10, by: 2) {
            queue.offer(try Self.batch(from: first))
        }
        await queue.run()
        #expect(await listener.lines == [0, 1, 2, 3])
        #expect(await listener.cutAt == 4)
        #expect(await listener.endedAt == nil)
    }

    @Test("takes a batch beyond its bound when it is empty")
    func largeBatch() async throws {
        let listener = Listener()
        let queue = Self.queue(listener, limit: 1)
        queue.offer(try Self.batch(from: 0))
        queue.end(at: 2)
        await queue.run()
        #expect(await listener.lines == [0, 1])
        #expect(await listener.endedAt == 2)
    }

    @Test("cuts a writer off that fails, at the first line that it did not take")
    func failure() async throws {
        let listener = Listener(refusing: 2)
        let queue = Self.queue(listener)
        for first: Int64 in [0, 2, 4] { queue.offer(try Self.batch(from: first)) }
        queue.end(at: 6)
        await queue.run()
        #expect(await listener.lines == [0, 1])
        #expect(await listener.cutAt == 2)
        #expect(await listener.endedAt == nil)
    }
}
