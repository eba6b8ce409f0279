import LogModel
import Store
import Testing
import WebServer

@testable import Gateway

@Suite struct JobListTests {
    private func parameters(_ query: String) throws -> ListParameters {
        try ListParameters(QueryParameters(try Samples.request("/v1/jobs?\(query)").query))
    }

    @Test func `a page has 100 items and starts at the newest`() throws {
        let parameters = try parameters("namespace=&status=")
        #expect(parameters.limit == 100)
        #expect(parameters.before == nil)
        #expect(parameters.namespace == nil)
        #expect(parameters.status == nil)
    }

    @Test func `a token leads to the page behind it`() throws {
        #expect(try parameters("continue=17").before == 17)
    }

    @Test(arguments: [
        ("limit=0", "limit"), ("limit=501", "at most 500"), ("limit=x", "limit"),
        ("status=done", "pending, scheduling, running, paused, end"), ("continue=x", "continue"),
    ])
    func `bad values are refused by name`(query: String, words: String) throws {
        let refusal = try #require(throws: StatusResponse.self) { try parameters(query) }
        #expect(refusal.code == 400)
        #expect(refusal.message.contains(words))
    }

    @Test(arguments: [
        ([JobStatus.end, .end], JobStatus.end), ([.end, .pending], .running),
        ([.running, .pending], .running), ([.scheduling, .pending], .scheduling),
        ([.pending], .pending), ([.paused, .pending], .paused),
    ])
    func `a stage stands where its jobs stand`(jobs: [JobStatus], stage: JobStatus) {
        #expect(WorkflowStages.status(of: jobs) == stage)
    }

    @Test func `stages come in the order of their first jobs and count latest runs`() {
        func row(_ name: String, _ stage: String?, at seconds: Int64, _ status: JobStatus) -> JobRow
        {
            var row = JobRow(
                uid: "\(name)\(seconds)", key: JobKey(namespace: "n", workflow: "w", job: name),
                status: status, createdAt: LogTime(seconds: seconds))
            row.stage = stage
            return row
        }
        let stages = WorkflowStages(
            nil, isOver: false,
            rows: [
                row("fetch", "build", at: 1, .end), row("compile", "build", at: 2, .running),
                row("compile", "build", at: 3, .end), row("test", "check", at: 4, .running),
            ]
        ).stages
        #expect(stages.map(\.name) == ["build", "check"])
        #expect(stages.map { $0.jobs.map(\.job) } == [["fetch", "compile"], ["test"]])
        #expect(stages.map(\.status) == [.end, .running])
    }
}
