import LogModel
import Testing

@testable import Capture

/// Whether the first line that is read was the first one that was written.
@Suite struct LateJoinTests {
    static let start = LogTime(seconds: 1_795_458_620)

    @Test("a container that just started has its first file: nothing is missing")
    func inTime() {
        let soon = LateJoin(
            startedAt: Self.start, joinedAt: Self.start + LateJoin.promptAge, isAgain: false)
        #expect(soon == nil)
    }

    @Test(
        "who comes late asks how old the first line is",
        arguments: [
            (Duration.milliseconds(10), false), (.seconds(2), false), (.milliseconds(2_001), true),
            (.seconds(59), true), (.seconds(61), false),
        ])
    func late(firstLineAfter age: Duration, isGap: Bool) throws {
        let join = try #require(
            LateJoin(
                startedAt: Self.start, joinedAt: Self.start + .seconds(60), isAgain: false))
        #expect((join.reason(firstLine: (Self.start + age).nanoseconds) != nil) == isGap)
    }

    @Test("who was there before and left without a line may have missed some, however early")
    func again() throws {
        let join = try #require(
            LateJoin(startedAt: Self.start, joinedAt: Self.start + .seconds(8), isAgain: true))
        #expect(join.reason(firstLine: (Self.start + .seconds(1)).nanoseconds) == nil)
        #expect(join.reason(firstLine: (Self.start + .seconds(7)).nanoseconds) != nil)
    }

    @Test("an unknown start proves nothing")
    func unknownStart() throws {
        let join = try #require(LateJoin(startedAt: nil, joinedAt: Self.start, isAgain: false))
        #expect(join.reason(firstLine: (Self.start - .seconds(1)).nanoseconds) != nil)
    }
}
