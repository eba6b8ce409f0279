import Synchronization
import Testing

@testable import Access

@Suite struct TicketTests {
    private let path = ["logs", "default", "p"]
    private let holder = BearerToken("holder")

    private final class Clock: Sendable {
        private let time = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { time.withLock { $0 } }
        func pass(_ duration: Duration) { time.withLock { $0 += duration } }
    }

    @Test func `a ticket is good for one request of its path`() throws {
        let desk = TicketDesk(now: { .now })
        let ticket = try desk.issue(for: path, to: holder)
        #expect(desk.redeem(ticket, path: path)?.text == "holder")
        #expect(desk.redeem(ticket, path: path) == nil)
    }

    @Test func `a ticket shown for another path is used up`() throws {
        let desk = TicketDesk(now: { .now })
        let ticket = try desk.issue(for: path, to: holder)
        #expect(desk.redeem(ticket, path: ["logs", "other", "p"]) == nil)
        #expect(desk.redeem(ticket, path: path) == nil)
    }

    @Test func `a ticket expires`() throws {
        let clock = Clock()
        let desk = TicketDesk(now: { clock.now })
        let late = try desk.issue(for: path, to: holder)
        let inTime = try desk.issue(for: path, to: holder)
        clock.pass(TicketDesk.lifetime - .nanoseconds(1))
        #expect(desk.redeem(inTime, path: path) != nil)
        clock.pass(.nanoseconds(1))
        #expect(desk.redeem(late, path: path) == nil)
    }

    @Test(arguments: [
        "", "a", String(repeating: "0", count: 64), String(repeating: "é", count: 32),
    ])
    func `what is no ticket is refused`(text: String) {
        #expect(TicketDesk(now: { .now }).redeem(text, path: path) == nil)
    }

    @Test func `no more tickets than the bound are out, and expired ones make room`() throws {
        let clock = Clock()
        let desk = TicketDesk(now: { clock.now })
        for _ in 0..<TicketBook.limit { _ = try desk.issue(for: path, to: holder) }
        #expect(throws: AccessError.self) { try desk.issue(for: path, to: holder) }
        clock.pass(TicketDesk.lifetime)
        let ticket = try desk.issue(for: path, to: holder)
        #expect(desk.redeem(ticket, path: path) != nil)
    }
}
