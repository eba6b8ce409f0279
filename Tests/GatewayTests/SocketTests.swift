import Foundation
import LogModel
import Store
import Testing

@testable import Gateway

/// `/v1/ws` over a real server.
@Suite(.timeLimit(.minutes(5))) struct SocketTests {
    private func open(_ gateway: TestGateway) async throws -> RawClient {
        let client = try gateway.client()
        let head = try await client.upgrade("/v1/ws", subprotocol: "podwire.v1")
        #expect(head.status == 101)
        #expect(head.fields["sec-websocket-protocol"] == "podwire.v1")
        return client
    }

    /// The next frame as JSON text; a close frame as `close CODE REASON`.
    private func next(_ client: RawClient) async throws -> String {
        switch try await client.readFrame() {
        case .text(let text): text
        case .close(let code, let reason): "close \(code) \(reason)"
        case let other: "\(other)"
        }
    }

    private func log(_ uid: String, _ more: String = "") -> String {
        #"{"namespace":"default","pod":"p-\#(uid)"\#(more)}"#
    }

    @Test func `several logs are told apart by their stream`() async throws {
        try await TestGateway.with { gateway in
            let one = try await gateway.open("u1")
            let two = try await gateway.open("u2")
            try await one.write(["a", "b", "c"])
            let client = try await open(gateway)
            try client.sendFrame(#"{"subscribe":{"id":1,"log":\#(log("u1", ",\"from\":-2"))}}"#)
            #expect(
                try await next(client)
                    == #"{"opened":{"from":1,"id":1,"state":"live","stream":"u1/main/0"}}"#)
            #expect(
                try await next(client)
                    == #"{"s":"u1/main/0","from":1,"text":"b\nc\n","times":["1970-01-01T00:00:01.000000000Z","1970-01-01T00:00:02.000000000Z"]}"#
            )
            try client.sendFrame(#"{"subscribe":{"id":2,"log":\#(log("u2"))}}"#)
            #expect(try await next(client).contains(#""stream":"u2/main/0""#))
            try await two.write(["x"])
            #expect(
                try await next(client)
                    == #"{"s":"u2/main/0","from":0,"text":"x\n","times":["1970-01-01T00:00:00.000000000Z"]}"#
            )
            try client.sendFrame(#"{"unsubscribe":2}"#)
            #expect(
                try await next(client)
                    == #"{"closed":{"code":1000,"id":2,"reason":"unsubscribed","reconnect":false}}"#
            )
            try await two.write(["not for us"])
            try await one.end(exitCode: 0, reason: nil)
            #expect(
                try await next(client)
                    == #"{"closed":{"code":1000,"id":1,"reason":"end of the log","reconnect":false}}"#
            )
        }
    }

    @Test(arguments: [
        (#"{"subscribe":{"id":7,"log":{"pod":"p"}}}"#, 4400, "log: namespace and pod are needed"),
        (
            #"{"subscribe":{"id":7,"log":{"namespace":"default","pod":"gone","wait":0}}}"#, 4404,
            #"pods \"gone\" not found"#
        ),
        (
            #"{"subscribe":{"id":7,"log":{"namespace":"d","pod":"p","colour":1}}}"#, 4400,
            "colour: no such member; allowed: attempt, container, follow, from, namespace, pod, uid, wait"
        ),
        (
            #"{"subscribe":{"id":7,"events":{"types":["podwire.none"]}}}"#, 4400,
            #"types: \"podwire.none\" is not known: one of podwire.workflow.status, podwire.job.status, podwire.job.output, podwire.job.end, podwire.log.gap is allowed"#
        ),
        (
            #"{"subscribe":{"id":7}}"#, 4400,
            "subscribe: either log or events, an object, is allowed"
        ),
        (
            #"{"subscribe":{"id":7,"events":{"consumer":"engine"}}}"#, 4404,
            #"consumers \"engine\" not found"#
        ),
    ])
    func `a subscription is refused under its id and the socket goes on`(
        message: String, code: Int, reason: String
    ) async throws {
        try await TestGateway.with { gateway in
            let client = try await open(gateway)
            try client.sendFrame(message)
            #expect(
                try await next(client)
                    == #"{"closed":{"code":\#(code),"id":7,"reason":"\#(reason)","reconnect":false}}"#
            )
            try client.sendFrame(#"{"subscribe":{"id":7,"events":{}}}"#)
            #expect(try await next(client) == #"{"opened":{"after":0,"id":7}}"#)
        }
    }

    @Test(arguments: [
        "no JSON", "[]", "{}", #"{"subscribe":1}"#, #"{"subscribe":{"id":-1,"events":{}}}"#,
        #"{"hello":1}"#, #"{"unsubscribe":"1"}"#, #"{"ack":{"id":1}}"#,
        "{\"x\":\"\(String(repeating: "x", count: 20_000))\"}",
        String(repeating: "[", count: 10_000),
    ])
    func `what cannot be understood closes the socket`(message: String) async throws {
        try await TestGateway.with { gateway in
            let client = try await open(gateway)
            try client.sendFrame(message)
            #expect(try await next(client).hasPrefix("close 4400 "))
        }
    }

    @Test func `an id that is in use and a stream that is read are refused`() async throws {
        try await TestGateway.with { gateway in
            _ = try await gateway.open("u1")
            let client = try await open(gateway)
            try client.sendFrame(#"{"subscribe":{"id":1,"log":\#(log("u1"))}}"#)
            #expect(try await next(client).hasPrefix(#"{"opened""#))
            try client.sendFrame(#"{"subscribe":{"id":1,"events":{}}}"#)
            #expect(
                try await next(client)
                    == #"{"error":{"id":1,"reason":"id 1 is in use: unsubscribe it first"}}"#)
            try client.sendFrame(#"{"subscribe":{"id":2,"log":\#(log("u1"))}}"#)
            #expect(try await next(client).contains("subscription 1 reads this stream already"))
            try client.sendFrame(#"{"unsubscribe":9}"#)
            #expect(
                try await next(client)
                    == #"{"error":{"id":9,"reason":"there is no subscription 9"}}"#)
        }
    }

    @Test func `a socket carries so many subscriptions and no more`() async throws {
        try await TestGateway.with { gateway in
            let client = try await open(gateway)
            for id in 0...SocketSession.subscriptionLimit {
                try client.sendFrame(#"{"subscribe":{"id":\#(id),"events":{}}}"#)
            }
            var answers: [String] = []
            for _ in 0...SocketSession.subscriptionLimit { answers.append(try await next(client)) }
            let refused = answers.filter { $0.contains("at most 256 subscriptions") }
            #expect(refused.count == 1)
            #expect(answers.count { $0.hasPrefix(#"{"opened""#) } == 256)
        }
    }

    @Test func `a consumer's events are acknowledged on the socket`() async throws {
        try await TestGateway.with { gateway in
            let row = try await gateway.addJob()
            let made = try await gateway.send(
                "PUT", "/v1/consumers/engine", #"{"after":0,"types":["podwire.job.output"]}"#)
            #expect(made.status == 201)
            let writer = try await gateway.open(job: row)
            try await writer.append(
                Samples.batch(["JOB_OUT a=1"]).batch,
                outputs: [FoundOutput(line: 0, result: .accepted(key: "a", value: [0x31]))])
            try await writer.committed()
            let client = try await open(gateway)
            try client.sendFrame(#"{"subscribe":{"id":3,"events":{"consumer":"engine"}}}"#)
            #expect(try await next(client) == #"{"opened":{"id":3}}"#)
            let event = try await next(client)
            #expect(event.hasPrefix(#"{"event":{"#))
            #expect(event.hasSuffix("}}"))
            try client.sendFrame(#"{"ack":{"id":3,"sequence":1}}"#)
            #expect(
                try await next(client)
                    == #"{"acknowledged":{"changed":true,"id":3,"sequence":1}}"#)
            try client.sendFrame(#"{"ack":{"id":4,"sequence":1}}"#)
            #expect(try await next(client).hasPrefix(#"{"error":{"id":4"#))
        }
    }

    @Test func `a busy log does not hold up a quiet one`() async throws {
        try await TestGateway.with { gateway in
            let busy = try await gateway.open("u1")
            let quiet = try await gateway.open("u2")
            let line = String(repeating: "x", count: 1_000)
            // More than the kernel takes for a client that does not read yet.
            let frames = 300
            for _ in 0..<frames {
                try await busy.append(
                    Samples.batch(Array(repeating: line, count: 60)).batch)
            }
            try await busy.committed()
            try await quiet.write(["here"])
            let client = try await open(gateway)
            try client.sendFrame(#"{"subscribe":{"id":2,"log":\#(log("u2"))}}"#)
            #expect(try await next(client).hasPrefix(#"{"opened""#))
            #expect(try await next(client).contains("here"))
            try client.sendFrame(#"{"subscribe":{"id":1,"log":\#(log("u1"))}}"#)
            #expect(try await next(client).hasPrefix(#"{"opened""#))
            try await quiet.write(["there"])
            var before = 0
            while try await !next(client).contains("there") { before += 1 }
            #expect(before < frames, "it comes before the end of the other")
        }
    }

    @Test func `what is no WebSocket, or speaks no podwire v1, is told so`() async throws {
        try await TestGateway.with { gateway in
            #expect(try await gateway.refusal("/v1/ws").code == 426)
            let client = try gateway.client()
            _ = try await client.upgrade("/v1/ws")
            #expect(
                try await client.readFrame()
                    == .close(4400, "Sec-WebSocket-Protocol: podwire.v1 is served here"))
        }
    }
}
