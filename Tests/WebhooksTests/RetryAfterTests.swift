import Testing

@testable import Webhooks

@Suite struct RetryAfterTests {
    /// Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110, less 30 seconds.
    private let now: Int64 = 784_111_777 - 30

    @Test(
        arguments: [
            ("0", Duration.zero), ("120", .seconds(120)), (" 7 ", .seconds(7)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", .seconds(30)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", .seconds(30)),
            ("Sun Nov  6 08:49:37 1994", .seconds(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", .zero),
            ("86400", .seconds(3_600)), ("99999999999999999999", .seconds(3_600)),
            ("Sun, 06 Nov 2094 08:49:37 GMT", .seconds(3_600)),
        ])
    func `seconds and dates are understood, up to an hour`(value: String, delay: Duration) {
        #expect(RetryAfter.delay(value, now: now) == delay)
    }

    @Test(arguments: ["", "soon", "-1", "1.5", "٣"])
    func `what is neither says nothing`(value: String) {
        #expect(RetryAfter.delay(value, now: now) == nil)
    }
}
