import Store
import Testing
import WebServer

@testable import Gateway

@Suite struct EventParametersTests {
    private func parameters(
        _ query: String, last: Int64? = nil, stream: Bool = false
    ) throws -> EventParameters {
        let request = try Samples.request("/v1/events?\(query)")
        return try EventParameters(
            QueryParameters(request.query), lastEventID: last, alwaysFollow: stream)
    }

    @Test(arguments: [
        ("", Int64(4)), ("follow", 20), ("after=0", 4), ("after=0&follow", 4), ("after=4", 4),
        ("after=20", 20), ("after=12", 12),
    ])
    func `reading starts where the position says`(query: String, start: Int64) throws {
        #expect(try parameters(query).start(oldest: 5, last: 20) == start)
    }

    @Test func `the id that a client saw last goes before the parameter`() throws {
        let both = try parameters("after=6", last: 9, stream: true)
        #expect(try both.start(oldest: 5, last: 20) == 9)
        #expect(both.follow)
    }

    @Test func `a position before the oldest event is gone and the oldest is named`() throws {
        let refusal = try #require(throws: StatusResponse.self) {
            try parameters("after=3").start(oldest: 5, last: 20)
        }
        #expect(refusal.code == 410)
        #expect(refusal.message.contains("the oldest is 5"))
        #expect(refusal.details?.causes?.first?.message == "5")
    }

    @Test func `a position beyond the end comes from elsewhere`() throws {
        let refusal = try #require(throws: StatusResponse.self) {
            try parameters("after=21").start(oldest: 5, last: 20)
        }
        #expect(refusal.code == 400)
        #expect(refusal.message.contains("beyond the last event, 20"))
    }

    @Test func `filters are read and unknown types refused`() throws {
        let filter = try parameters(
            "types=podwire.job.end,podwire.job.output&types=podwire.log.gap&namespace=n&job=j"
        ).filter
        #expect(
            filter
                == EventFilter(
                    types: [.jobEnd, .jobOutput, .logGap], namespace: "n", job: "j"))
        let refusal = try #require(throws: StatusResponse.self) {
            try parameters("types=podwire.job.begin")
        }
        #expect(refusal.code == 400)
        #expect(refusal.message.contains("podwire.job.end"))
    }
}
