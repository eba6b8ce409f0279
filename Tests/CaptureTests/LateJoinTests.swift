import LogModel
import Testing

@testable import Capture

/// Whether the first line that is read was the first one that was written.
@Suite struct LateJoinTests {
    static let start = LogTime(seconds: 1_795_458_620)

    @Test(
        "who comes a minute late asks how old the first line is",
        arguments: [
            (Duration.milliseconds(10), false), (.seconds(2), false), (.milliseconds(2_001), true),
            (.seconds(59), true), (.seconds(60), false), (.seconds(61), false),
        ])
    func late(firstLineAfter age: Duration, isGap: Bool) {
        let join = LateJoin(
            startedAt: Self.start, openedAt: Self.start + .seconds(1),
            joinedAt: Self.start + .seconds(60))
        #expect((join.reason(firstLine: (Self.start + age).nanoseconds) != nil) == isGap)
    }

    @Test("who comes very late cannot tell what was rotated before a silence")
    func veryLate() {
        let join = LateJoin(
            startedAt: Self.start, openedAt: Self.start + .seconds(11),
            joinedAt: Self.start + .seconds(11))
        #expect(join.reason(firstLine: (Self.start + .seconds(600)).nanoseconds) != nil)
        #expect(join.reason(firstLine: (Self.start + .seconds(1)).nanoseconds) == nil)
    }

    @Test("who comes in time misses nothing", arguments: 0..<30)
    func inTime(seconds: Int) {
        let join = LateJoin(
            startedAt: Self.start, openedAt: Self.start + .seconds(2),
            joinedAt: Self.start + .seconds(2))
        #expect(
            join.reason(firstLine: (Self.start + .milliseconds(seconds * 500)).nanoseconds) == nil)
    }

    @Test("an unknown start proves nothing")
    func unknownStart() {
        let join = LateJoin(startedAt: nil, openedAt: Self.start, joinedAt: Self.start)
        #expect(join.reason(firstLine: (Self.start - .seconds(2)).nanoseconds) != nil)
        #expect(join.reason(firstLine: (Self.start + .seconds(2)).nanoseconds) == nil)
    }

    @Test(
        "an empty log that was joined late may have been rotated, unless its container lived a moment",
        arguments: [
            (Duration.seconds(1), Duration?.some(.seconds(60)), false), (.seconds(60), nil, true),
            (.seconds(60), .seconds(1), false), (.seconds(60), .seconds(30), true),
        ])
    func empty(joinedAfter join: Duration, livedFor life: Duration?, isGap: Bool) {
        let late = LateJoin(
            startedAt: Self.start, openedAt: Self.start + join, joinedAt: Self.start + join)
        #expect((late.reason(emptyUntil: life.map { Self.start + $0 }) != nil) == isGap)
    }
}
