import LogModel
import Testing

@Suite("RFC 3339 times")
struct RFC3339Tests {
    @Test(
        "are read with 0 to 9 digits and any zone",
        arguments: [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00:00.000000001Z", 1),
            ("1969-12-31T23:59:59.999999999Z", -1),
            ("2026-11-23T18:12:07.5Z", 1_795_457_527_500_000_000),
            ("2026-11-23T18:12:07.123456789Z", 1_795_457_527_123_456_789),
            ("2026-11-23T20:12:07+02:00", 1_795_457_527_000_000_000),
            ("2026-11-23T12:42:07-05:30", 1_795_457_527_000_000_000),
            ("2024-02-29T00:00:00z", 1_709_164_800_000_000_000),
            ("2000-02-29t00:00:00Z", 951_782_400_000_000_000),
        ])
    func read(text: String, nanoseconds: Int64) {
        #expect(RFC3339.parse(text) == LogTime(nanoseconds: nanoseconds))
    }

    @Test(
        "are refused when they are none",
        arguments: [
            "", "2026-11-23", "2026-11-23T18:12:07", "2026-11-23 18:12:07Z",
            "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z", "2026-11-31T00:00:00Z", "2026-11-23T24:00:00Z",
            "2026-11-23T18:60:00Z", "2026-11-23T18:12:07.Z", "2026-11-23T18:12:07.1234567890Z",
            "2026-11-23T18:12:07+0200", "2026-11-23T18:12:07Zx", "x026-11-23T18:12:07Z",
            "0001-01-01T00:00:00Z", "2262-01-01T00:00:00Z", "2026-11-23T18:12:07+24:00",
        ])
    func refuse(text: String) {
        #expect(RFC3339.parse(text) == nil)
    }

    @Test(
        "of other years become the nearest that can be read, where they may",
        arguments: [
            ("2311-11-23T18:30:18Z", "2261-12-31T23:59:59.000000000Z"),
            ("2400-02-29T00:00:00+01:00", "2261-12-31T23:59:59.000000000Z"),
            ("0001-01-01T00:00:00Z", "1678-01-01T00:00:00.000000000Z"),
            ("2026-11-23T18:30:18Z", "2026-11-23T18:30:18.000000000Z"),
            ("2311-11-23", nil), ("+311-11-23T18:30:18Z", nil), ("", nil),
            ("2311-13-23T18:30:18Z", nil),
        ] as [(String, String?)])
    func nearest(text: String, expected: String?) {
        #expect(RFC3339.parseNearest(text)?.description == expected)
    }

    @Test("that are centuries apart have a difference")
    func longDifference() {
        let (early, late) = (LogTime(nanoseconds: .min), LogTime(nanoseconds: .max))
        #expect(late - early == .nanoseconds(Int64.max))
        #expect(early - late == .nanoseconds(Int64.min))
        #expect(LogTime(seconds: 3) - LogTime(seconds: 5) == .seconds(-2))
    }

    @Test("are written with nine digits in UTC, and read back as they were")
    func roundTrip() {
        #expect(LogTime(nanoseconds: 0).description == "1970-01-01T00:00:00.000000000Z")
        #expect(LogTime(nanoseconds: -1).description == "1969-12-31T23:59:59.999999999Z")
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<10_000 {
            let time = LogTime(
                nanoseconds: .random(
                    in: -9_000_000_000_000_000_000...9_000_000_000_000_000_000, using: &generator))
            #expect(RFC3339.parse(time.description) == time)
        }
    }

    @Test("say where they end, so that a line's text can follow")
    func end() {
        let line = Array("2026-11-23T18:12:07.5Z hello".utf8)
        let found = line.withUnsafeBytes { RFC3339.parse($0) }
        #expect(found?.end == 22)
    }

    @Test("are rounded to whole seconds towards the past", arguments: [(0, 0), (1, 0), (-1, -1)])
    func wholeSeconds(nanoseconds: Int64, seconds: Int64) {
        #expect(LogTime(nanoseconds: nanoseconds).wholeSeconds == seconds)
        #expect(LogTime(seconds: seconds).wholeSeconds == seconds)
    }
}
