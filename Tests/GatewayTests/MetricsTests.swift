import Testing

@testable import Gateway

@Suite struct MetricsTests {
    @Test func `a metric has its help, its kind and its values`() {
        let text = MetricsText.text([
            Metric(.counter, "lines_total", 12, "Lines."),
            Metric(.gauge, "seconds", 0.25, "Seconds."),
            Metric(.gauge, "lag", by: "name", [("a", 1), ("b", 9_007_199_254_740_992)], "Lag."),
        ])
        #expect(
            text == """
                # HELP lines_total Lines.
                # TYPE lines_total counter
                lines_total 12
                # HELP seconds Seconds.
                # TYPE seconds gauge
                seconds 0.25
                # HELP lag Lag.
                # TYPE lag gauge
                lag{name="a"} 1
                lag{name="b"} 9007199254740992

                """)
    }

    @Test func `what would end a label or a line is escaped`() {
        let text = MetricsText.text([
            Metric(.gauge, "lag", by: "name", [("a\"b\\c\nd", 1)], "A \"quote\",\\,\n.")
        ])
        #expect(
            text == """
                # HELP lag A "quote",\\\\,\\n.
                # TYPE lag gauge
                lag{name="a\\"b\\\\c\\nd"} 1

                """)
    }

    @Test func `a newline behind a carriage return ends no line either`() {
        let text = MetricsText.text([Metric(.gauge, "lag", by: "name", [("a\r\nb", 1)], "Lag.")])
        #expect(text.hasSuffix("lag{name=\"a\r\\nb\"} 1\n"))
    }

    @Test func `numbers of the daemon stand before those of the gateway`() async throws {
        let source = MetricsSource { [Metric(.gauge, "podwire_test", 7, "A test.")] }
        try await TestGateway.with(metrics: [source]) { gateway in
            let answer = try await gateway.get("/metrics")
            #expect(answer.status == 200)
            #expect(answer.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(
                answer.text.hasPrefix(
                    "# HELP podwire_test A test.\n# TYPE podwire_test gauge\npodwire_test 7\n"))
            #expect(answer.text.contains("\npodwire_readers 0\n"))
        }
    }

    @Test func `a source that fails is an error, not a hole`() async throws {
        struct Broken: Error {}
        let source = MetricsSource { throw Broken() }
        try await TestGateway.with(metrics: [source]) { gateway in
            let refusal = try await gateway.refusal("/metrics")
            #expect(refusal.code == 500)
        }
    }
}
