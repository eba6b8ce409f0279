import LogModel
import Store
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct LogEventStreamTests {
    private let accept = "Accept: text/event-stream"

    @Test func `a log is an event stream of numbered lines that is followed to its end`()
        async throws
    {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            try await writer.write(["one", "two"])
            let client = try gateway.client()
            try client.request("/logs/default/p-u1", fields: [accept])
            let head = try await client.readHead()
            #expect(head.fields["content-type"] == "text/event-stream")
            try await writer.write(["three"])
            try await writer.end(exitCode: 0, reason: nil)
            let text = String(decoding: try await client.readBody(of: head), as: UTF8.self)
            #expect(
                text == "id: 0\ndata: one\n\nid: 1\ndata: two\n\nid: 2\ndata: three\n\n"
                    + "event: end\ndata: {}\n\n")
        }
    }

    @Test func `a client goes on behind the last id and stops at the end`() async throws {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            try await writer.write(["one", "two"])
            try await writer.end(exitCode: 0, reason: nil)
            let target = "/logs/default/p-u1?tailLines=2"
            let rest = try await gateway.get(target, fields: [accept, "Last-Event-ID: 0"])
            #expect(rest.text == "id: 1\ndata: two\n\nevent: end\ndata: {}\n\n")
            let over = try await gateway.get(target, fields: [accept, "Last-Event-ID: 1"])
            #expect(over.status == 204)
        }
    }
}
