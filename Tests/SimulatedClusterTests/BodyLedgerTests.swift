import LogModel
import SimulatedCluster
import Testing

struct BodyLedgerTests {
    private static let time = LogTime(seconds: 1_700_000_000)

    private static func ledger() -> (BodyLedger, number: Int) {
        var ledger = BodyLedger()
        let number = ledger.open(at: time, line: 5, follow: true)
        return (ledger, number)
    }

    @Test func `a body that sent nothing has one empty run`() {
        #expect(Self.ledger().0.bodies.map(\.runs) == [[5..<5]])
    }

    @Test func `lines that follow on each other are one run, a jump begins another`() {
        var (ledger, number) = Self.ledger()
        for lines in [7..<9, 9..<9, 9..<12, 20..<21, 21..<30] { ledger.sent(lines, by: number) }
        #expect(ledger.bodies.map(\.runs) == [[7..<12, 20..<30]])
    }

    @Test func `only the first end of a body counts`() {
        var (ledger, number) = Self.ledger()
        #expect(ledger.bodies[0].close == .open && ledger.bodies[0].closed == nil)
        ledger.close(number, .cut, at: Self.time)
        ledger.close(number, .client, at: Self.time + .seconds(1))
        #expect(ledger.bodies[0].close == .cut)
        #expect(ledger.bodies[0].closed == Self.time)
    }

    @Test func `the oldest bodies are forgotten when there are too many`() {
        var ledger = BodyLedger()
        for line in 0...BodyLedger.capacity {
            let number = ledger.open(at: Self.time, line: line, follow: false)
            #expect(number == line)
        }
        #expect(ledger.bodies.count <= BodyLedger.capacity)
        let first = ledger.bodies[0].runs[0].lowerBound
        #expect(first > 0)
        ledger.sent(0..<10, by: 0)
        ledger.hit(BodyLedger.capacity, by: .broken(.text, after: 3))
        ledger.sent(3..<4, by: first)
        #expect(ledger.bodies[0].runs == [3..<4])
        #expect(ledger.bodies.last?.fault == "text@3")
        #expect(ledger.bodies.dropFirst().allSatisfy { $0.runs[0].isEmpty })
    }
}
