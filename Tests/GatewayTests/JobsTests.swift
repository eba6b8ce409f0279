import Foundation
import LogModel
import Store
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct JobsTests {
    private struct Page: Decodable {
        struct Item: Decodable {
            let job: String
        }
        let items: [Item]
        let `continue`: String?
        let sequence: Int64
    }

    private func page(_ gateway: TestGateway, _ query: String) async throws -> Page {
        let response = try await gateway.get("/v1/jobs?\(query)")
        return try JSONDecoder().decode(Page.self, from: Data(response.body))
    }

    @Test func `a job is shown with its Pods, containers, attempts and outputs`() async throws {
        try await TestGateway.with { gateway in
            let row = try await gateway.addJob { job in
                job.stage = "build"
                job.status = .end
                job.outcome = .success
                job.exitCode = 0
                job.endedAt = LogTime(seconds: 1_060)
            }
            let writer = try await gateway.open(job: row)
            try await writer.append(
                Samples.batch(["JOB_OUT a=1", "JOB_OUT b=?", "JOB_OUT =x"]).batch,
                outputs: [
                    FoundOutput(line: 0, result: .accepted(key: "a", value: [0x31])),
                    FoundOutput(line: 1, result: .accepted(key: "b", value: [0xFF])),
                    FoundOutput(line: 2, result: .rejected(reason: "the key is empty")),
                ])
            try await writer.end(exitCode: 0, reason: "Completed")
            let job = try await gateway.get("/v1/jobs/default/build")
            #expect(job.fields["content-type"] == "application/json")
            #expect(
                job.text == """
                    {"attempt":1,"bytes":35,"createdAt":"1970-01-01T00:16:40.000000000Z",\
                    "endedAt":"1970-01-01T00:17:40.000000000Z","exitCode":0,"gaps":0,\
                    "job":"build","lines":3,"namespace":"default","outcome":"success",\
                    "outputs":{"a":"1"},"outputsBase64":{"b":"/w=="},"pods":[{"containers":\
                    [{"attempts":[{"attempt":0,"bytes":35,"exitCode":0,"lines":3,\
                    "reason":"Completed","state":"ended","stream":"u1/main/0"}],"kind":"main",\
                    "name":"main"}],"name":"p-u1","node":"n1","phase":"Running","uid":"u1"}],\
                    "rejected":1,"rejectedOutputs":[{"line":2,"reason":"the key is empty",\
                    "stream":"u1/main/0"}],"stage":"build","status":"end","uid":"job-u1",\
                    "workflow":"nightly"}

                    """)
            let full = try await gateway.get("/v1/jobs/default/nightly/build")
            #expect(full.text == job.text)
            let outputs = try await gateway.get("/v1/jobs/default/build/outputs")
            #expect(
                outputs.text
                    == #"{"final":true,"outputs":{"a":"1"},"outputsBase64":{"b":"/w=="}}"# + "\n")
        }
    }

    @Test func `outputs are not final before the end`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.addJob()
            let outputs = try await gateway.get("/v1/jobs/default/nightly/build/outputs")
            #expect(outputs.text == #"{"final":false,"outputs":{}}"# + "\n")
        }
    }

    @Test func `jobs are listed newest first, page by page, as of an event`() async throws {
        try await TestGateway.with { gateway in
            for index in 0..<5 { try await gateway.addJob("j\(index)", uid: "u\(index)") }
            try await gateway.addJob("other", workflow: "weekly", uid: "u9") { $0.status = .end }
            let all = try await page(gateway, "")
            #expect(all.items.map(\.job) == ["other", "j4", "j3", "j2", "j1", "j0"])
            #expect(all.continue == nil)
            #expect(all.sequence == 0)
            let first = try await page(gateway, "workflow=nightly&limit=3")
            #expect(first.items.map(\.job) == ["j4", "j3", "j2"])
            let token = try #require(first.continue)
            let rest = try await page(gateway, "workflow=nightly&limit=3&continue=\(token)")
            #expect(rest.items.map(\.job) == ["j1", "j0"])
            #expect(rest.continue == nil)
            let ended = try await page(gateway, "status=end")
            #expect(ended.items.map(\.job) == ["other"])
            let none = try await page(gateway, "namespace=none")
            #expect(none.items.isEmpty)
        }
    }

    @Test func `a name that several workflows use is a conflict that lists them`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.addJob("build", workflow: "a", uid: "u1")
            try await gateway.addJob("build", workflow: "b", uid: "u2")
            for target in ["/v1/jobs/default/build", "/v1/jobs/default/build/outputs"] {
                let refusal = try await gateway.refusal(target)
                #expect(refusal.code == 409)
                #expect(refusal.message.contains("/v1/jobs/default/a/build"))
                #expect(refusal.message.contains("/v1/jobs/default/b/build"))
            }
            let one = try await gateway.get("/v1/jobs/default/build?uid=job-u1")
            #expect(one.text.contains("\"workflow\":\"a\""))
            #expect(try await gateway.get("/v1/jobs/default/b/build").status == 200)
            #expect(try await gateway.get("/v1/jobs/default/b/build?uid=job-u1").status == 404)
        }
    }

    @Test func `a job may be called outputs`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.addJob("outputs", workflow: "a", uid: "u1")
            try await gateway.addJob("outputs", workflow: "b", uid: "u2")
            #expect(try await gateway.refusal("/v1/jobs/default/outputs").code == 409)
            let job = try await gateway.get("/v1/jobs/default/a/outputs")
            #expect(job.text.contains("\"uid\":\"job-u1\""))
            let outputs = try await gateway.get("/v1/jobs/default/a/outputs/outputs")
            #expect(outputs.text == "{\"final\":false,\"outputs\":{}}\n")
            try await gateway.addJob("b", workflow: "c", uid: "u3")
            let others = try await gateway.get("/v1/jobs/default/b/outputs")
            #expect(others.text == outputs.text, "the job b goes before the workflow b")
            let unknown = try await gateway.refusal("/v1/jobs/default/none/outputs")
            #expect(unknown.code == 404 && unknown.message.contains("\"none\""))
            #expect(try await gateway.refusal("/v1/jobs/default/a/none/outputs").code == 404)
        }
    }

    @Test func `of several runs the latest answers and uid picks another`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.addJob(uid: "u1")
            try await gateway.addJob(uid: "u2")
            let latest = try await gateway.get("/v1/jobs/default/build")
            #expect(latest.text.contains("\"uid\":\"job-u2\""))
            let first = try await gateway.get("/v1/jobs/default/build?uid=job-u1")
            #expect(first.text.contains("\"uid\":\"job-u1\""))
        }
    }

    @Test func `of several runs of a workflow the latest answers and uid picks another`()
        async throws
    {
        try await TestGateway.with { gateway in
            try await gateway.store.write { transaction in
                for (uid, name) in [("w1", "nightly"), ("w2", "nightly"), ("w3", "weekly")] {
                    _ = try transaction.upsert(
                        WorkflowRow(
                            uid: uid, namespace: "default", name: name, status: .end,
                            createdAt: LogTime(seconds: 1)))
                }
            }
            let latest = try await gateway.get("/v1/workflows/default/nightly")
            #expect(latest.text.contains("\"uid\":\"w2\""))
            let first = try await gateway.get("/v1/workflows/default/nightly?uid=w1")
            #expect(first.text.contains("\"uid\":\"w1\""))
            for target in ["nightly?uid=w3", "nightly?uid=w4", "none"] {
                #expect(try await gateway.refusal("/v1/workflows/default/\(target)").code == 404)
            }
        }
    }

    @Test func `a workflow is shown with its stages`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.store.write { transaction in
                _ = try transaction.upsert(
                    WorkflowRow(
                        uid: "w1", namespace: "default", name: "nightly", status: .running,
                        createdAt: LogTime(seconds: 1)))
            }
            try await gateway.addJob("a", uid: "u1") { job in
                job.stage = "one"
                job.status = .end
                job.run = "w1"
            }
            try await gateway.addJob("b", uid: "u2") { job in
                job.stage = "two"
                job.run = "w1"
            }
            let item = """
                {"createdAt":"1970-01-01T00:00:01.000000000Z","declared":false,"jobs":2,\
                "name":"nightly","namespace":"default","stages":[\
                {"jobs":[{"attempt":1,"createdAt":"1970-01-01T00:16:40.000000000Z","job":"a",\
                "needs":[],"retries":0,"status":"end","uid":"job-u1"}],"name":"one","needs":[],\
                "status":"end","type":"jobs"},\
                {"jobs":[{"attempt":1,"createdAt":"1970-01-01T00:16:40.000000000Z","job":"b",\
                "needs":[],"retries":0,"status":"running","uid":"job-u2"}],"name":"two","needs":[],\
                "status":"running","type":"jobs"}],"status":"running","uid":"w1"}
                """
            let one = try await gateway.get("/v1/workflows/default/nightly")
            #expect(one.text == item + "\n")
            let list = try await gateway.get("/v1/workflows")
            #expect(list.text == "{\"items\":[\(item)],\"sequence\":0}\n")
            #expect(try await gateway.get("/v1/workflows?status=end").text.contains("\"items\":[]"))
        }
    }
}
