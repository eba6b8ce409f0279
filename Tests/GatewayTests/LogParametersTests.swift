import LogModel
import Testing

@testable import Gateway

@Suite struct LogParametersTests {
    @Test func `nothing asked for is the whole log of the latest attempt`() throws {
        let parameters = try Samples.parameters("")
        #expect(parameters == LogParameters())
        #expect(parameters.follow == nil)
        #expect(parameters.wait == .seconds(60))
    }

    @Test(arguments: [
        ("follow", true), ("follow=", true), ("follow=true", true), ("follow=1", true),
        ("follow=false", false), ("follow=False", false), ("follow=0", false),
        ("follow=yes", true),
    ])
    func `a flag is read as Kubernetes reads it`(query: String, value: Bool) throws {
        #expect(try Samples.parameters(query).follow == value)
    }

    @Test func `every parameter is read`() throws {
        let parameters = try Samples.parameters(
            "timestamps&tailLines=0&limitBytes=1&from=7&uid=u&wait=3&attempt=2"
                + "&sinceTime=2026-11-23T18:12:07.123456789Z&unknown=x")
        #expect(parameters.timestamps)
        #expect(parameters.tailLines == 0)
        #expect(parameters.limitBytes == 1)
        #expect(parameters.from == 7)
        #expect(parameters.uid == "u")
        #expect(parameters.wait == .seconds(3))
        #expect(parameters.attempt == .number(2))
        let since = try #require(parameters.sinceTime(now: LogTime(seconds: 0)))
        #expect(since.description == "2026-11-23T18:12:07.123456789Z")
    }

    @Test func `sinceSeconds counts back from now`() throws {
        let parameters = try Samples.parameters("sinceSeconds=10")
        let now = LogTime(seconds: 100)
        #expect(parameters.sinceTime(now: now) == LogTime(seconds: 90))
        let ages = try Samples.parameters("sinceSeconds=\(Int64.max)")
        #expect(ages.sinceTime(now: now) == LogTime(nanoseconds: .min))
    }

    @Test(arguments: [
        (
            "tailLines=-1",
            "tailLines: Invalid value: -1: must be greater than or equal to 0"
        ),
        ("limitBytes=0", "limitBytes: Invalid value: 0: must be greater than 0"),
        ("sinceSeconds=0", "sinceSeconds: Invalid value: 0: must be greater than 0"),
        (
            "sinceSeconds=5&sinceTime=2026-11-23T18:12:07Z",
            "at most one of `sinceTime` or `sinceSeconds` may be specified"
        ),
        ("previous&attempt=1", "at most one of `previous` or `attempt` may be specified"),
        ("attempt=all&from=3", "at most one of `from` or `attempt=all` may be specified"),
    ])
    func `values out of bounds are invalid in Kubernetes' words`(
        query: String, words: String
    ) throws {
        let refusal = try #require(throws: StatusResponse.self) {
            try Samples.parameters(query)
        }
        #expect(refusal.code == 422)
        #expect(refusal.reason == "Invalid")
        #expect(refusal.message.contains(words), "\(refusal.message)")
        #expect(refusal.message.hasPrefix("PodLogOptions \"p\" is invalid: "))
        #expect(refusal.details?.causes?.count == 1)
    }

    @Test func `several invalid values are all named`() throws {
        let refusal = try #require(throws: StatusResponse.self) {
            try Samples.parameters("tailLines=-1&limitBytes=0")
        }
        #expect(refusal.details?.causes?.map(\.field) == ["tailLines", "limitBytes"])
    }

    @Test(arguments: [
        ("tailLines=x", "tailLines", "\"x\""),
        ("tailLines=99999999999999999999", "tailLines", "99999999999999999999"),
        ("limitBytes=1.5", "limitBytes", "\"1.5\""),
        ("sinceSeconds=", "sinceSeconds", "\"\""),
        ("sinceTime=yesterday", "sinceTime", "\"yesterday\""),
        ("sinceTime=2026-11-23T18:12:07+01:00", "sinceTime", "%2B"),
        ("from=-1", "from", "at least 0"),
        ("wait=3601", "wait", "at most 3600"),
        ("attempt=last", "attempt", "\"last\""),
        ("attempt=-1", "attempt", "all"),
    ])
    func `values that cannot be read name the parameter and what is allowed`(
        query: String, name: String, words: String
    ) throws {
        let refusal = try #require(throws: StatusResponse.self) {
            try Samples.parameters(query)
        }
        #expect(refusal.code == 400)
        #expect(refusal.message.hasPrefix("\(name): "))
        #expect(refusal.message.contains(words), "\(refusal.message)")
        #expect(refusal.message.contains("allowed"))
    }
}
