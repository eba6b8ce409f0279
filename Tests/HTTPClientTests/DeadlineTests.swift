import Testing

@testable import HTTPClient

@Suite struct DeadlineHeapTests {
    @Test func deadlinesComeInOrderHoweverTheyWereSetMovedAndRemoved() {
        var heap = DeadlineHeap()
        var random = SystemRandomNumberGenerator()
        let start = ContinuousClock.now
        var expected: [TransferID: Int] = [:]
        for _ in 0..<5_000 {
            let id = TransferID(number: UInt64.random(in: 0..<300, using: &random))
            if Int.random(in: 0..<4, using: &random) == 0 {
                heap.remove(id)
                expected[id] = nil
            } else {
                let time = Int.random(in: 0..<10_000, using: &random)
                heap.set(start + .milliseconds(time), for: id)
                expected[id] = time
            }
            #expect(heap.count == expected.count)
            #expect(heap.earliest == expected.values.min().map { start + .milliseconds($0) })
        }
        var last = -1
        while let id = heap.popExpired(at: start + .seconds(20)) {
            let time = expected.removeValue(forKey: id) ?? -1
            #expect(time >= last)
            last = time
        }
        #expect(expected.isEmpty)
    }

    @Test func nothingIsTakenBeforeItsTime() {
        var heap = DeadlineHeap()
        let start = ContinuousClock.now
        heap.set(start + .seconds(1), for: TransferID(number: 1))
        #expect(heap.popExpired(at: start) == nil)
        #expect(heap.popExpired(at: start + .seconds(1)) == TransferID(number: 1))
        #expect(heap.earliest == nil)
    }
}

@Suite struct TransferDeadlinesTests {
    private let start = ContinuousClock.now

    @Test func theHeadIsWaitedForUntilItComes() {
        var deadlines = TransferDeadlines(HTTPTimeouts(responseHead: .seconds(3)), start: start)
        #expect(deadlines.verdict(at: start) == .wait(until: start + .seconds(3)))
        #expect(deadlines.verdict(at: start + .seconds(3)) == .expired(.timeoutHead))
        deadlines.headArrived(at: start + .seconds(1))
        #expect(deadlines.verdict(at: start + .seconds(3)) == .wait(until: nil))
    }

    @Test func silenceCountsFromTheLastByteAndNotWhileHeld() {
        var deadlines = TransferDeadlines(HTTPTimeouts(idle: .seconds(5)), start: start)
        deadlines.headArrived(at: start)
        deadlines.bytesArrived(at: start + .seconds(4))
        #expect(deadlines.verdict(at: start + .seconds(6)) == .wait(until: start + .seconds(9)))
        deadlines.held()
        #expect(deadlines.verdict(at: start + .seconds(60)) == .wait(until: nil))
        deadlines.released(at: start + .seconds(60))
        #expect(deadlines.verdict(at: start + .seconds(65)) == .expired(.timeoutIdle))
    }

    @Test func theTotalLimitHoldsThroughout() {
        var deadlines = TransferDeadlines(
            HTTPTimeouts(responseHead: .seconds(30), total: .seconds(8)), start: start)
        deadlines.headArrived(at: start + .seconds(7))
        deadlines.bytesArrived(at: start + .seconds(7))
        #expect(deadlines.verdict(at: start + .seconds(8)) == .expired(.timeoutTotal))
    }
}
