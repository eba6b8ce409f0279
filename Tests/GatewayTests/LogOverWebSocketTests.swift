import LogModel
import Store
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct LogOverWebSocketTests {
    @Test func `text frames hold whole lines and the end is code 1000`() async throws {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            try await writer.write(["one", "two"])
            let client = try gateway.client()
            #expect(try await client.upgrade("/logs/default/p-u1").status == 101)
            #expect(try await client.readFrame() == .text("one\ntwo\n"))
            try await writer.write(["open"], closed: false)
            #expect(try await client.readFrame() == .text("open\n"))
            try await writer.end(exitCode: 0, reason: nil)
            #expect(try await client.readFrame() == .close(1000, "end of the log"))
        }
    }

    @Test func `podwire.v1 says first which line comes first`() async throws {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            try await writer.write(["a", "b", "c"])
            let client = try gateway.client()
            let head = try await client.upgrade(
                "/logs/default/p-u1?tailLines=2", subprotocol: "podwire.v1")
            #expect(head.fields["sec-websocket-protocol"] == "podwire.v1")
            let announcement = #"{"from":1,"state":"live","stream":"u1/main/0"}"# + "\n"
            #expect(try await client.readFrame() == .text(announcement))
            #expect(try await client.readFrame() == .text("b\nc\n"))
        }
    }

    @Test func `binary frames are the exact bytes`() async throws {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            let bytes: [UInt8] = [0x61, 0xFF, 0x00, 0x0D]
            try await writer.append(
                Samples.batch([bytes], times: [0], closed: false).batch)
            try await writer.end(exitCode: 0, reason: nil)
            let client = try gateway.client()
            let head = try await client.upgrade(
                "/logs/default/p-u1", subprotocol: "v4.channel.k8s.io, binary.k8s.io")
            #expect(head.fields["sec-websocket-protocol"] == "binary.k8s.io")
            let frames = try await client.readFrames()
            #expect(frames == [.binary(bytes), .close(1000, "end of the log")])
            let text = try gateway.client()
            _ = try await text.upgrade("/logs/default/p-u1")
            #expect(try await text.readFrame() == .text("a\u{FFFD}\u{0}\r\n"))
        }
    }

    @Test func `a socket waits for its Pod`() async throws {
        try await TestGateway.with { gateway in
            let client = try gateway.client()
            #expect(try await client.upgrade("/logs/default/p-u1").status == 101)
            try await gateway.addJob(phase: "Pending")
            let writer = try await gateway.open()
            try await writer.write(["first"])
            #expect(try await client.readFrame() == .text("first\n"))
        }
    }

    @Test func `who does not follow gets what is there`() async throws {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            try await writer.write(["one"])
            let client = try gateway.client()
            _ = try await client.upgrade("/logs/default/p-u1?follow=false")
            #expect(
                try await client.readFrames()
                    == [.text("one\n"), .close(1000, "end of the log")])
        }
    }

    @Test(arguments: [
        ("/logs/default/nope?wait=0", 4404, "pods \"nope\" not found"),
        ("/logs/default/nope?follow=false", 4404, "pods \"nope\" not found"),
        (
            "/logs/default/p-u1?tailLines=-1", 4400,
            "PodLogOptions \"p-u1\" is invalid: tailLines: Invalid value: -1: must be greater "
                + "than or equal to 0"
        ),
        ("/logs/default/p-u1/x", 4400, "container x is not valid for pod p-u1"),
        ("/v1/jobs", 4404, "WebSocket \"/v1/jobs\" not found"),
    ])
    func `a refusal is a close code with its message`(
        target: String, code: Int, reason: String
    ) async throws {
        try await TestGateway.with { gateway in
            try await gateway.addJob()
            let client = try gateway.client()
            #expect(try await client.upgrade(target).status == 101)
            #expect(try await client.readFrame() == .close(code, reason))
        }
    }

    @Test func `a page of another site is refused before the socket opens`() async throws {
        try await TestGateway.with { gateway in
            let other = try await gateway.client().upgrade(
                "/logs/default/p-u1", fields: ["Origin: http://evil.example"])
            #expect(other.status == 403)
            #expect(other.text.contains("\"kind\":\"Status\""))
            let client = try gateway.client()
            let own = try await client.upgrade(
                "/v1/events", fields: ["Origin: http://127.0.0.1:\(client.port)"])
            #expect(own.status == 101)
        }
    }

    @Test func `sockets are told when the daemon goes down`() async throws {
        try await TestGateway.with { gateway in
            _ = try await gateway.open()
            let client = try gateway.client()
            _ = try await client.upgrade("/logs/default/p-u1", subprotocol: "podwire.v1")
            _ = try await client.readFrame()
            await gateway.stop()
            #expect(try await client.readFrame() == .close(1001, "the daemon goes down"))
        }
    }
}
