import Testing

@testable import Gateway

@Suite struct FramePaceTests {
    private let start = ContinuousClock.now

    @Test func `the first frame is due at once`() {
        #expect(FramePace().due == nil)
    }

    @Test(arguments: [(1, 32), (100, 3_200), (1_000, 32_000), (1_500, 48_000), (9_000, 50_000)])
    func `the more readers, the longer the pause`(readers: Int, microseconds: Int) {
        var pace = FramePace()
        pace.cut(readers: readers, at: start)
        #expect(pace.due == start + .microseconds(microseconds))
    }

    @Test(arguments: [(10, 50), (40, 50), (80, 100), (1_000, 250)])
    func `a round that takes long puts off the next one, to a limit`(took: Int, due: Int) {
        var pace = FramePace()
        pace.cut(readers: 2_000, at: start)
        pace.took(at: start + .milliseconds(took))
        #expect(pace.due == start + .milliseconds(due))
        pace.cut(readers: 2_000, at: start + .milliseconds(due))
        #expect(pace.due == start + .milliseconds(due + 50), "each round counts by itself")
    }

    @Test func `a lone reader that is slow does not wait for itself`() {
        var pace = FramePace()
        pace.cut(readers: 1, at: start)
        pace.took(at: start + .milliseconds(200))
        #expect(pace.due == start + FramePace.perReader)
    }
}
