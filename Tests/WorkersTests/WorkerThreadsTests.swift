import Synchronization
import Testing

@testable import Workers

@Suite struct WorkerThreadsTests {
    private struct Refusal: Error {}

    @Test func `each job runs once, and its result or error comes back`() async throws {
        let workers = try WorkerThreads(name: "test-work", count: 3)
        defer { workers.close() }
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<1_000 { group.addTask { try await workers.run { number * 2 } } }
            return try await group.reduce(0, +)
        }
        #expect(sum == 999_000)
        await #expect(throws: Refusal.self) { try await workers.run { throw Refusal() } }
    }

    @Test func `jobs of one thread run in order`() async throws {
        let workers = try WorkerThreads(name: "test-work", count: 1)
        let order = Mutex<[Int]>([])
        for number in 0..<100 {
            #expect(workers.submit { order.withLock { $0.append(number) } })
        }
        workers.close()
        #expect(order.withLock { $0 } == Array(0..<100))
    }

    @Test func `what was handed over is done before the threads end, and nothing more`()
        async throws
    {
        let workers = try WorkerThreads(name: "test-work", count: 2, niceness: 1)
        let done = Mutex(0)
        for _ in 0..<50 { #expect(workers.submit { done.withLock { $0 += 1 } }) }
        workers.close()
        #expect(done.withLock { $0 } == 50)
        #expect(!workers.submit { done.withLock { $0 += 1 } })
        await #expect(throws: CancellationError.self) { try await workers.run { 1 } }
        workers.close()
        #expect(done.withLock { $0 } == 50)
    }

    @Test func `threads are gone when they were closed, a thousand times`() throws {
        for _ in 0..<1_000 {
            let workers = try WorkerThreads(name: "test-work", count: 1)
            #expect(workers.submit {})
            workers.close()
        }
    }
}
