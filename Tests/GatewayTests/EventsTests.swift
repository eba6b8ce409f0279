import LogModel
import Testing

@testable import Gateway
@testable import Store

@Suite(.timeLimit(.minutes(5))) struct EventsTests {
    private struct Change: Encodable, Sendable {
        let to: String
    }

    @discardableResult
    private func emit(
        _ gateway: TestGateway, _ type: EventType = .jobStatus, job: String = "build",
        to: String = "running"
    ) async throws -> Int64 {
        try await gateway.store.write { transaction in
            try transaction.append(
                event: type, key: JobKey(namespace: "default", workflow: "w", job: job),
                data: Change(to: to))
        }
    }

    private func ids(_ text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            line.split(separator: "\"id\":\"").dropFirst().first
                .flatMap { $0.split(separator: "\"").first }.map(String.init)
        }
    }

    @Test func `NDJSON gives what there is and closes`() async throws {
        try await TestGateway.with { gateway in
            #expect(try await gateway.get("/v1/events").text == "")
            try await emit(gateway)
            try await emit(gateway, .jobEnd, job: "test")
            let response = try await gateway.get("/v1/events")
            #expect(response.fields["content-type"] == "application/x-ndjson")
            #expect(ids(response.text) == ["1", "2"])
            #expect(response.text.hasSuffix("}\n"))
            #expect(response.text.contains("\"subject\":\"default/w/build\""))
            #expect(ids(try await gateway.get("/v1/events?after=1").text) == ["2"])
            #expect(try await gateway.get("/v1/events?after=2").text == "")
            let filtered = [
                "types=podwire.job.end", "job=test", "namespace=default&job=test&workflow=w",
            ]
            for query in filtered {
                #expect(ids(try await gateway.get("/v1/events?\(query)").text) == ["2"])
            }
            #expect(try await gateway.get("/v1/events?namespace=other").text == "")
        }
    }

    @Test func `a follower starts now, or at its position, and gets events live`() async throws {
        try await TestGateway.with { gateway in
            try await emit(gateway)
            let now = try gateway.client()
            try now.request("/v1/events?follow")
            _ = try await now.readHead()
            let all = try gateway.client()
            try all.request("/v1/events?follow&after=0&types=podwire.job.status")
            _ = try await all.readHead()
            #expect(ids(try await text(all.readChunk())) == ["1"])
            try await emit(gateway, .jobEnd)
            try await emit(gateway)
            #expect(ids(try await text(all.readChunk())) == ["3"])
            #expect(ids(try await text(now.readChunk())).first == "2")
        }
    }

    @Test func `an event stream resumes behind the last id`() async throws {
        try await TestGateway.with { gateway in
            for _ in 0..<3 { try await emit(gateway) }
            let client = try gateway.client()
            try client.request(
                "/v1/events?after=0", fields: ["Accept: text/event-stream", "Last-Event-ID: 2"])
            let head = try await client.readHead()
            #expect(head.fields["content-type"] == "text/event-stream")
            let event = try await text(client.readChunk())
            #expect(event.hasPrefix("id: 3\ndata: {\"specversion\":\"1.0\",\"id\":\"3\""))
            #expect(event.hasSuffix("}\n\n"))
        }
    }

    @Test func `a socket gets one event a frame`() async throws {
        try await TestGateway.with { gateway in
            try await emit(gateway)
            let client = try gateway.client()
            _ = try await client.upgrade("/v1/events?after=0")
            try await emit(gateway)
            for id in ["1", "2"] {
                guard case .text(let json) = try await client.readFrame() else {
                    Issue.record("expected a text frame")
                    return
                }
                #expect(ids(json) == [id])
            }
        }
    }

    @Test func `events that memory no longer has come from the database`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.store.write { transaction in
                for index in 0..<600 {
                    let key = JobKey(namespace: "default", workflow: "w", job: "j\(index % 3)")
                    try transaction.append(event: .jobStatus, key: key, data: Change(to: "end"))
                }
            }
            let directory = gateway.directory
            await gateway.stop()
            let again = try await TestGateway.start(in: directory)
            #expect(ids(try await again.get("/v1/events").text).count == 600)
            #expect(ids(try await again.get("/v1/events?job=j1&after=300").text).count == 100)
            await again.stop()
        }
    }

    @Test func `a position before the oldest event is gone in every form`() async throws {
        try await TestGateway.with { gateway in
            for _ in 0..<5 { try await emit(gateway) }
            gateway.store.events.drop(before: 4)
            let refusal = try await gateway.refusal("/v1/events?after=1")
            #expect(refusal.code == 410)
            #expect(refusal.message.contains("the oldest is 4"))
            let stream = try await gateway.refusal(
                "/v1/events", fields: ["Accept: text/event-stream", "Last-Event-ID: 1"])
            #expect(stream.code == 410)
            let client = try gateway.client()
            _ = try await client.upgrade("/v1/events?after=1")
            guard case .close(4410, let reason) = try await client.readFrame() else {
                Issue.record("expected a close frame")
                return
            }
            #expect(reason.contains("the oldest is 4"))
            #expect(ids(try await gateway.get("/v1/events?after=3").text) == ["4", "5"])
            #expect(ids(try await gateway.get("/v1/events?after=0").text) == ["4", "5"])
        }
    }

    private func text(_ chunk: [UInt8]?) -> String {
        String(decoding: chunk ?? [], as: UTF8.self)
    }
}
