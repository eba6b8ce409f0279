import Testing
import WebServer

extension ServerTests {
    @Suite("Decisions on WebSockets", .timeLimit(.minutes(5)))
    struct UpgradeTests {
        private static let handshake =
            "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

        /// A handler whose decisions wait for the test.
        private func deciding(
            _ decision: UpgradeDecision, _ gate: AsyncStream<Void>, asked: Event,
            cancelled: Event = Event()
        ) -> TestHandler {
            TestHandler(decide: { _ in
                asked.signal()
                for await _ in gate { break }  // Ends, too, when the task is cancelled.
                if Task.isCancelled { cancelled.signal() }
                return decision
            })
        }

        @Test("A decision may take its time: frames sent meanwhile, however many, are not lost")
        func waits() async throws {
            let (gate, opener) = AsyncStream.makeStream(of: Void.self)
            let session = TestSession()
            let asked = Event()
            let handler = deciding(.accept(subprotocol: nil, session), gate, asked: asked)
            try await withServer(handler) { port in
                let client = try TestClient(port: port)
                try client.send(Self.handshake)
                #expect(asked.wait())
                let texts = (0..<30).map { "\($0) " + String(repeating: "x", count: 10_000) }
                for text in texts { try client.sendFrame(1, Array(text.utf8)) }
                #expect(session.opening.count == 0)
                opener.yield()
                #expect(try client.readHead().status == 101)
                for _ in texts { #expect(session.reception.wait()) }
                #expect(session.messages == texts.map { .text($0) })
            }
        }

        @Test("A late refusal is answered as HTTP, and the connection goes on")
        func refuses() async throws {
            let (gate, opener) = AsyncStream.makeStream(of: Void.self)
            let asked = Event()
            let refusal = UpgradeDecision.refuse(
                ResponseHead(status: 401), body: Array("who?".utf8))
            try await withServer(deciding(refusal, gate, asked: asked)) { port in
                let client = try TestClient(port: port)
                try client.send(Self.handshake)
                #expect(asked.wait())
                opener.yield()
                let response = try client.readResponse()
                #expect(response.status == 401)
                #expect(response.text == "who?")
                try client.request("GET", "/")
                #expect(try client.readResponse().text == "ok")
            }
        }

        @Test("A client that goes away cancels the decision, and its session is closed unopened")
        func disappears() async throws {
            let (gate, opener) = AsyncStream.makeStream(of: Void.self)
            let session = TestSession()
            let (asked, cancelled) = (Event(), Event())
            let handler = deciding(
                .accept(subprotocol: nil, session), gate, asked: asked, cancelled: cancelled)
            try await withServer(handler) { port in
                do {
                    let client = try TestClient(port: port)
                    try client.send(Self.handshake)
                    #expect(asked.wait())
                }
                #expect(cancelled.wait())
                #expect(session.closing.wait())
            }
            opener.finish()
            #expect(session.opening.count == 0)
            #expect(session.closing.count == 1)
        }

        @Test("A server that stops does not wait for a decision")
        func stops() async throws {
            let (gate, opener) = AsyncStream.makeStream(of: Void.self)
            let session = TestSession()
            let (asked, cancelled) = (Event(), Event())
            let server = try await startServer(
                deciding(
                    .accept(subprotocol: nil, session), gate, asked: asked, cancelled: cancelled))
            let client = try await blocking {
                let client = try TestClient(port: server.port)
                try client.send(Self.handshake)
                #expect(asked.wait())
                return Handover(client)
            }
            await server.stop(closing: 1001, reason: "")
            #expect(await onThread { cancelled.wait() && session.closing.wait() })
            let rest = try await blocking { try client.value.readToEnd() }
            #expect(rest.isEmpty)
            opener.finish()
        }
    }
}
