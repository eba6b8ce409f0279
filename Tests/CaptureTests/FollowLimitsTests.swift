import LogModel
import Testing

@testable import Capture

@Suite struct FollowLimitsTests {
    static func item(_ number: Int, node: String? = nil, isUrgent: Bool = false) -> FollowQueue.Item
    {
        .init(
            id: StreamID(podUID: "\(number)", container: "c", attempt: 0), node: node,
            isUrgent: isUrgent)
    }

    @Test("instances that have ended start first, each kind in its order")
    func order() {
        var queue = FollowQueue(follows: 10, followsPerNode: 10)
        for number in 0..<4 { queue.add(Self.item(number, isUrgent: number >= 2)) }
        #expect((0..<5).map { _ in queue.next()?.id.podUID } == ["2", "3", "0", "1", nil])
        #expect(queue.waiting == 0 && queue.following == 4)
    }

    @Test("a full queue waits for an end")
    func limit() {
        var queue = FollowQueue(follows: 2, followsPerNode: 10)
        for number in 0..<3 { queue.add(Self.item(number)) }
        _ = queue.next()
        _ = queue.next()
        #expect(queue.next() == nil)
        queue.finished(Self.item(0).id)
        #expect(queue.next()?.id.podUID == "2")
    }

    @Test("a full node does not hold the others back")
    func nodes() {
        var queue = FollowQueue(follows: 10, followsPerNode: 1)
        queue.add(Self.item(0, node: "a"))
        queue.add(Self.item(1, node: "a"))
        queue.add(Self.item(2, node: "a", isUrgent: false))
        queue.add(Self.item(3, node: "b"))
        #expect((0..<3).map { _ in queue.next()?.id.podUID } == ["0", "3", nil])
        #expect(queue.waiting == 2)
        queue.finished(Self.item(0, node: "a").id)
        #expect(queue.next()?.id.podUID == "1")
        #expect(queue.next() == nil)
    }

    @Test("ten thousand starts take a hundred seconds at a hundred a second")
    func rate() {
        var bucket = TokenBucket(rate: 100)
        let start = ContinuousClock.now
        var now = start
        for _ in 0..<10_000 {
            while let next = bucket.take(now) {
                #expect(next > now)
                now = next
            }
        }
        #expect(now - start > .seconds(98) && now - start < .seconds(100))
    }
}
