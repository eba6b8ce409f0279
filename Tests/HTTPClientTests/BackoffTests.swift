import Testing

@testable import HTTPClient

struct BackoffTests {
    @Test func `delays double up to the maximum, drawn from the upper half of each step`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<100 {
            var backoff = Backoff(initial: .seconds(1), maximum: .seconds(5))
            for step in [1.0, 2, 4, 5, 5] {
                let delay = backoff.next(using: &random)
                #expect(delay >= .seconds(step / 2) && delay <= .seconds(step))
            }
            backoff.reset()
            #expect(backoff.next(using: &random) <= .seconds(1))
        }
    }
}
