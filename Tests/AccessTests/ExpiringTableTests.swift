import Testing

@testable import Access

@Suite struct ExpiringTableTests {
    private let start = ContinuousClock.now

    @Test func `a value is there until its time is over`() {
        var table = ExpiringTable<Int, String>(limit: 4)
        table.set(1, "one", expiry: start + .seconds(10))
        #expect(table.value(1, now: start + .seconds(9)) == "one")
        #expect(table.value(1, now: start + .seconds(10)) == nil)
        #expect(table.value(2, now: start) == nil)
    }

    @Test func `the entry made first goes at the bound`() {
        var table = ExpiringTable<Int, Int>(limit: 3)
        for key in 0..<5 { table.set(key, key, expiry: start + .seconds(10)) }
        #expect((0..<5).map { table.value($0, now: start) } == [nil, nil, 2, 3, 4])
        #expect(table.count == 3)
    }

    @Test func `an entry that was set again counts as new`() {
        var table = ExpiringTable<Int, Int>(limit: 2)
        table.set(1, 1, expiry: start + .seconds(10))
        table.set(2, 2, expiry: start + .seconds(10))
        table.set(1, 10, expiry: start + .seconds(20))
        table.set(3, 3, expiry: start + .seconds(10))
        #expect(table.value(1, now: start + .seconds(15)) == 10)
        #expect(table.value(2, now: start) == nil)
    }

    @Test func `one key that is set for ever takes no room`() {
        var table = ExpiringTable<Int, Int>(limit: 8)
        table.set(0, 0, expiry: start + .seconds(10))
        for value in 0..<10_000 { table.set(1, value, expiry: start + .seconds(10)) }
        #expect(table.count <= 2)
        #expect(table.value(1, now: start) == 9_999)
    }
}
