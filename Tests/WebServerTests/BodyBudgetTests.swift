import Testing

@testable import WebServer

@Suite("BodyBudget")
struct BodyBudgetTests {
    private let near = ClientAddress(text: "127.0.0.1", bytes: [127, 0, 0, 1])
    private func far(_ number: UInt8) -> ClientAddress {
        ClientAddress(text: "10.0.0.\(number)", bytes: [10, 0, 0, number])
    }

    /// The status of the refusal, nil where there is none.
    private func take(
        _ count: Int, of address: ClientAddress, _ budget: inout BodyBudget
    ) -> Int? {
        do throws(RequestFailure) {
            try budget.take(count, of: address)
            return nil
        } catch {
            return error.status
        }
    }

    @Test("One address holds a quarter, this machine all, and all together no more than there is")
    func shares() {
        var budget = BodyBudget(limit: 400, longest: 50, of: "requests")
        #expect(take(100, of: far(1), &budget) == nil)
        #expect(take(1, of: far(1), &budget) == 429)
        #expect(take(300, of: near, &budget) == nil)
        #expect(take(1, of: far(2), &budget) == 503)
        #expect(budget.bytes == 400)
        budget.giveBack(100, of: far(1))
        #expect(take(100, of: far(2), &budget) == nil)
        #expect(take(1, of: near, &budget) == 503)
        budget.giveBack(100, of: far(2))
        budget.giveBack(300, of: near)
        #expect(budget.bytes == 0)
    }

    @Test("The longest body fits into the share of one address")
    func longest() {
        var budget = BodyBudget(limit: 100, longest: 90, of: "requests")
        #expect(take(90, of: far(1), &budget) == nil)
        #expect(take(1, of: far(1), &budget) == 429)
    }

    @Test("What is alone fits, of an address beside what all hold, and of all together")
    func alone() {
        var budget = BodyBudget(limit: 100, longest: 0, of: "answers")
        #expect(take(60, of: far(1), &budget) == nil)
        #expect(take(1, of: far(1), &budget) == 429)
        #expect(take(40, of: far(2), &budget) == nil)
        #expect(take(1, of: far(3), &budget) == 503)
        budget.giveBack(60, of: far(1))
        budget.giveBack(40, of: far(2))
        #expect(take(1_000, of: far(1), &budget) == nil)
    }

    @Test("An answer counts for as long as its lease is held, and a small one not at all")
    func leases() throws {
        let budget = AnswerBudget(limit: 1 << 20)
        #expect(try budget.lease(AnswerBudget.smallBytes, of: near) == nil)
        var lease = try budget.lease(1 << 20, of: near)
        #expect(lease != nil && budget.bytes == 1 << 20)
        #expect(throws: RequestFailure.self) { try budget.lease(100_000, of: near) }
        lease = nil
        #expect(budget.bytes == 0)
        #expect(try budget.lease(100_000, of: near) != nil)
    }
}
