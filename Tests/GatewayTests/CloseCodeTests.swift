import Testing

@testable import Gateway

@Suite struct CloseCodeTests {
    @Test func `codes from 4400 to 4499 and the end say not to connect again`() {
        for code in CloseCode.allCases {
            let isFinal = code == .end || (4400...4499).contains(code.rawValue)
            #expect(code.reconnect == !isFinal)
        }
    }

    @Test(arguments: [
        (400, CloseCode.badRequest), (404, .notFound), (409, .changed), (410, .gone),
        (422, .badRequest), (500, .storeFailed), (503, .storeFailed),
    ])
    func `a refusal has a code`(status: Int, code: CloseCode) {
        let refusal = StatusResponse(code: status, reason: "", message: "")
        #expect(CloseCode(refusal) == code)
    }

    @Test func `a reason is cut between characters`() {
        #expect(CloseCode.reason("short") == "short")
        let long = CloseCode.reason(String(repeating: "é", count: 100))
        #expect(long == String(repeating: "é", count: 61))
    }
}
