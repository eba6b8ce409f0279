import Synchronization
import Testing

@testable import Access

@Suite(.timeLimit(.minutes(5))) struct ReviewDeskTests {
    private final class Clock: Sendable {
        private let time = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { time.withLock { $0 } }
        func pass(_ duration: Duration) { time.withLock { $0 += duration } }
    }

    private final class Questions: Sendable {
        private let asked = Mutex(0)
        var count: Int { asked.withLock { $0 } }
        func ask() { asked.withLock { $0 += 1 } }
    }

    private let clock = Clock()
    private let questions = Questions()

    private func desk() -> ReviewDesk<Int, Bool> {
        ReviewDesk(
            keepsGood: .seconds(10), keepsBad: .seconds(5), isGood: { $0 },
            now: { [clock] in clock.now })
    }

    @Test(arguments: [(true, 10), (false, 5)])
    func `answers are kept for their time, bad ones shorter`(
        answer: Bool, seconds: Int
    ) async throws {
        let desk = desk()
        let ask: @Sendable () async throws(AccessError) -> Bool = { [questions] in
            questions.ask()
            return answer
        }
        for _ in 0..<3 { #expect(try await desk.answer(1, ask: ask) == answer) }
        #expect(questions.count == 1)
        clock.pass(.seconds(seconds) - .nanoseconds(1))
        _ = try await desk.answer(1, ask: ask)
        #expect(questions.count == 1)
        clock.pass(.nanoseconds(1))
        _ = try await desk.answer(1, ask: ask)
        #expect(questions.count == 2)
    }

    @Test func `a failure is not kept`() async throws {
        let desk = desk()
        await #expect(throws: AccessError.unavailable("down")) {
            try await desk.answer(1) { () async throws(AccessError) in
                throw .unavailable("down")
            }
        }
        #expect(try await desk.answer(1) { true })
    }

    @Test func `those who ask while a question is out share its answer, whoever leaves`()
        async throws
    {
        let desk = desk()
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let ask: @Sendable () async throws(AccessError) -> Bool = { [questions] in
            questions.ask()
            for await _ in gate { break }
            return !Task.isCancelled
        }
        let first = Task { try await desk.answer(1, ask: ask) }
        while questions.count == 0 { await Task.yield() }
        let others = (0..<10).map { _ in Task { try await desk.answer(1, ask: ask) } }
        first.cancel()
        opener.yield()
        for other in others { #expect(try await other.value) }
        #expect(questions.count == 1)
    }

    @Test func `a flood of bad answers pushes no good one out`() async throws {
        let desk = desk()
        #expect(try await desk.answer(-1) { true })
        for key in 0..<(2 * ReviewDesk<Int, Bool>.tableLimit) {
            _ = try await desk.answer(key) { false }
        }
        #expect(try await desk.answer(-1) { false }, "it is kept")
    }

    @Test func `beyond the bound of questions callers are told to come back`() async throws {
        let desk = desk()
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let limit = ReviewDesk<Int, Bool>.questionLimit
        let waiting = (0..<limit).map { key in
            Task {
                try await desk.answer(key) { [questions] in
                    questions.ask()
                    for await _ in gate { break }
                    return true
                }
            }
        }
        while questions.count < limit { await Task.yield() }
        await #expect(throws: AccessError.self) { try await desk.answer(limit) { true } }
        opener.finish()
        for task in waiting { #expect(try await task.value) }
        #expect(try await desk.answer(limit) { true })
    }

    @Test func `a flood of questions shuts nobody out of whom the last answer was good`()
        async throws
    {
        let desk = desk()
        #expect(try await desk.answer(-1) { true })
        #expect(try await desk.answer(-2) { false } == false)
        clock.pass(.seconds(11))
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let limit = ReviewDesk<Int, Bool>.questionLimit
        let waiting = (0..<limit).map { key in
            Task {
                try await desk.answer(key) { [questions] in
                    questions.ask()
                    for await _ in gate { break }
                    return false
                }
            }
        }
        while questions.count < limit { await Task.yield() }
        #expect(try await desk.answer(-1) { true })
        await #expect(throws: AccessError.self) { try await desk.answer(-2) { true } }
        opener.finish()
        for task in waiting { #expect(try await task.value == false) }
    }
}
