import LogModel
import Logging
import Testing
import WebServer

@testable import Gateway
@testable import Store

@Suite(.timeLimit(.minutes(5))) struct ConsumerConnectionsTests {
    private func socket(_ gateway: TestGateway, _ name: String) async throws -> RawClient {
        let client = try gateway.client()
        _ = try await client.upgrade("/v1/consumers/\(name)/events")
        return client
    }

    /// The text of the next frame that is no event.
    private func answer(_ client: RawClient) async throws -> String {
        while true {
            guard case .text(let text) = try await client.readFrame() else {
                throw RawClient.Failure.malformed("no text frame")
            }
            if !text.contains("specversion") { return text }
        }
    }

    private func closing(_ client: RawClient) async throws -> Int? {
        guard case .close(let code, _) = try await client.readFrames().last else { return nil }
        return code
    }

    @Test func `a socket gets events and acknowledges on the same connection`() async throws {
        try await TestGateway.with { gateway in
            _ = try await gateway.send("PUT", "/v1/consumers/engine", #"{"after":0}"#)
            try await gateway.emit(3)
            let client = try await socket(gateway, "engine")
            for sequence in 1...3 {
                guard case .text(let json) = try await client.readFrame() else {
                    Issue.record("expected an event")
                    return
                }
                #expect(RawClient.sequence(json) == sequence)
            }
            try client.sendFrame(#"{"ack":2}"#)
            #expect(try await answer(client) == #"{"acknowledged":2,"changed":true}"#)
            try client.sendFrame(#"{"ack":1}"#)
            #expect(try await answer(client).contains(#""changed":false"#))
            for (text, code) in [
                (#"{"ack":9}"#, 422), ("ack", 400), (#"{"sequence":3}"#, 400),
                (#"{"ack":-1}"#, 400),
            ] {
                try client.sendFrame(text)
                #expect(try await answer(client).contains("\"code\":\(code)"))
            }
            try client.sendFrame(#"{"ack":3}"#)
            #expect(try await answer(client) == #"{"acknowledged":3,"changed":true}"#)
            client.close()
            let again = try await socket(gateway, "engine")
            try await gateway.emit(1)
            guard case .text(let json) = try await again.readFrame() else {
                Issue.record("expected an event")
                return
            }
            #expect(RawClient.sequence(json) == 4)
        }
    }

    @Test func `thousands of acknowledgements at once end at the highest`() async throws {
        try await TestGateway.with { gateway in
            _ = try await gateway.send("PUT", "/v1/consumers/engine", #"{"after":0}"#)
            try await gateway.emit(900)
            let client = try await socket(gateway, "engine")
            for _ in 1...900 { _ = try await client.readFrame() }
            for sequence in 1...900 { try client.sendFrame("{\"ack\":\(sequence)}") }
            var last = ""
            while !last.contains(#""acknowledged":900,"#) { last = try await answer(client) }
            let row = try await gateway.store.read { try $0.consumer("engine") }
            #expect(row?.acknowledged == 900)
        }
    }

    @Test func `a wrong acknowledgement among others spoils none of them`() async throws {
        try await TestGateway.with { gateway in
            _ = try await gateway.send("PUT", "/v1/consumers/engine", #"{"after":0}"#)
            try await gateway.emit(3)
            let client = try await socket(gateway, "engine")
            for _ in 1...3 { _ = try await client.readFrame() }
            for text in [#"{"ack":1}"#, #"{"ack":2}"#, #"{"ack":900}"#, "?"] {
                try client.sendFrame(text)
            }
            var answers = ""
            while !answers.contains("\"code\":400") { answers += try await answer(client) }
            #expect(answers.contains("\"code\":422"))
            let row = try await gateway.store.read { try $0.consumer("engine") }
            #expect(row?.acknowledged == 2)
        }
    }

    @Test func `a newer connection takes over from the older, in every form`() async throws {
        try await TestGateway.with { gateway in
            _ = try await gateway.send("PUT", "/v1/consumers/engine", #"{"after":0}"#)
            try await gateway.emit(1)
            let first = try await socket(gateway, "engine")
            _ = try await first.readFrame()
            let second = try await gateway.connect(
                "engine", fields: ["Accept: text/event-stream"])
            #expect(try await closing(first) == 4409)
            _ = try await second.readChunk()
            let third = try await gateway.connect("engine")
            let last = String(decoding: try await second.readChunk() ?? [], as: UTF8.self)
            #expect(last.hasPrefix("event: close\ndata: {\"code\":4409,"))
            #expect(last.contains(#""reconnect":false"#))
            #expect(try await second.readChunk() == nil, "a server-sent stream ends cleanly")
            #expect(try await third.readEvents(1) == [1])
            let fourth = try await gateway.connect("engine")
            await #expect(throws: (any Error).self, "lines are cut") {
                _ = try await third.readChunk()
            }
            #expect(try await fourth.readEvents(1) == [1])
            #expect(try await gateway.get("/v1/consumers/engine").text.contains("\"connected\""))
        }
    }

    @Test func `a connection ends when its consumer is changed or deleted`() async throws {
        try await TestGateway.with { gateway in
            _ = try await gateway.send("PUT", "/v1/consumers/engine", #"{"after":0}"#)
            try await gateway.emit(1)
            let first = try await socket(gateway, "engine")
            _ = try await first.readFrame()
            _ = try await gateway.send("PUT", "/v1/consumers/engine")
            _ = try await gateway.send("PUT", "/v1/consumers/engine", #"{"job":"build"}"#)
            #expect(try await closing(first) == 4503)
            let second = try await socket(gateway, "engine")
            _ = try await second.readFrame()
            _ = try await gateway.send("DELETE", "/v1/consumers/engine")
            #expect(try await closing(second) == 4404)
            _ = try await gateway.send("PUT", "/v1/consumers/engine", #"{"after":0}"#)
            let early = try await gateway.acknowledge("engine", 1)
            #expect(early.status == 409, "what an earlier consumer of that name was sent is not it")
        }
    }

    @Test(arguments: [("nobody", 4404), ("Nobody", 4400)])
    func `a socket of no consumer is closed with a reason`(name: String, code: Int) async throws {
        try await TestGateway.with { gateway in
            let client = try await socket(gateway, name)
            #expect(try await closing(client) == code)
        }
    }

    @Test func `an acknowledgement that is too long is not kept, and closes`() async throws {
        try await TestGateway.with { gateway in
            let session = ConsumerSession(
                try ConsumerName("nobody"), ConsumerRegistry(gateway.store, limit: 1),
                try await gateway.anybody(),
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            session.received(
                .text(String(repeating: " ", count: ConsumerSession.messageLimit + 1)))
            guard case .close(4400, let reason) = session.pull() else {
                Issue.record("expected a close")
                return
            }
            #expect(reason.contains("4096"))
            session.closed()
        }
    }

    @Test func `a client that acknowledges without end and reads nothing is closed`() async throws {
        try await TestGateway.with { gateway in
            let session = ConsumerSession(
                try ConsumerName("nobody"), ConsumerRegistry(gateway.store, limit: 1),
                try await gateway.anybody(),
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            for _ in 0...(2 * ConsumerSession.waitingLimit) { session.received(.text("?")) }
            var end: FramePull?
            for _ in 0...(2 * ConsumerSession.waitingLimit) {
                let pull = session.pull()
                if case .close = pull { end = pull }
            }
            guard case .close(4400, _) = end else {
                Issue.record("expected a close")
                return
            }
            session.closed()
        }
    }
}
