import ByteBlocks
import Testing
import WebServer

extension ServerTests {
    @Suite("WebSockets", .timeLimit(.minutes(5)))
    struct WebSocketTests {
        private func serving(_ session: TestSession, choosing names: [String] = []) -> TestHandler {
            TestHandler(decide: { request in
                .accept(subprotocol: request.subprotocols.first { names.contains($0) }, session)
            })
        }

        @Test(
            "The handler chooses the subprotocol, and only an offered one is named",
            arguments: [
                (nil, nil), ("podwire.v1", "podwire.v1"), ("binary.k8s.io", "binary.k8s.io"),
                ("base64.binary.k8s.io", "base64.binary.k8s.io"),
                ("unknown, base64.binary.k8s.io, podwire.v1", "base64.binary.k8s.io"),
                ("unknown", nil),
                (
                    "base64url.bearer.authorization.k8s.io.\(String(repeating: "dG9r", count: 400)), "
                        + "binary.k8s.io", "binary.k8s.io"
                ),
            ] as [(String?, String?)])
        func subprotocols(_ offered: String?, _ chosen: String?) async throws {
            let names = ["podwire.v1", "binary.k8s.io", "base64.binary.k8s.io"]
            let session = TestSession([.text(block("hi"))])
            try await withServer(serving(session, choosing: names)) { port in
                let client = try TestClient(port: port)
                let response = try client.upgrade(subprotocols: offered)
                #expect(response.status == 101)
                #expect(response.fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
                #expect(response.fields["sec-websocket-protocol"] == chosen)
                #expect(response.fields["sec-websocket-extensions"] == nil)
                #expect(try client.readFrame() == TestFrame(opcode: 1, payload: Array("hi".utf8)))
            }
            #expect(session.closing.count == 1)
        }

        @Test("A subprotocol that was not offered is not named")
        func notOffered() async throws {
            let session = TestSession()
            let handler = TestHandler(decide: { _ in .accept(subprotocol: "podwire.v1", session) })
            try await withServer(handler) { port in
                let client = try TestClient(port: port)
                let response = try client.upgrade(subprotocols: "binary.k8s.io")
                #expect(response.status == 101)
                #expect(response.fields["sec-websocket-protocol"] == nil)
            }
        }

        @Test("A refused upgrade is answered as HTTP, and the connection goes on")
        func refused() async throws {
            try await withServer(TestHandler()) { port in
                let client = try TestClient(port: port)
                let response = try client.upgrade()
                #expect(response.status == 404)
                #expect(try client.read(2) == Array("no".utf8))
                try client.request("GET", "/")
                #expect(try client.readResponse().text == "ok")
            }
        }

        @Test("A bad handshake gets an error")
        func badHandshake() async throws {
            try await withServer(TestHandler()) { port in
                let old = try TestClient(port: port)
                try old.request(
                    "GET", "/",
                    "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 8\r\n")
                let response = try old.readResponse()
                #expect(response.status == 426)
                #expect(response.fields["sec-websocket-version"] == "13")
                let keyless = try TestClient(port: port)
                try keyless.request(
                    "GET", "/",
                    "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\n")
                #expect(try keyless.readResponse().status == 400)
                let other = try TestClient(port: port)
                try other.request("GET", "/", "Upgrade: h2c\r\nConnection: upgrade\r\n")
                #expect(try other.readResponse().text == "ok")
            }
        }

        @Test(
            "Messages of every length go both ways",
            arguments: [0, 1, 125, 126, 65_535, 65_536, 300_000])
        func lengths(_ length: Int) async throws {
            let session = TestSession(echoes: true)
            try await withServer(serving(session), { $0.maxMessageBytes = 1 << 20 }) { port in
                let client = try TestClient(port: port)
                try client.upgrade()
                let text = [UInt8](repeating: 0x61, count: length)
                try client.sendFrame(1, text)
                #expect(try client.readFrame() == TestFrame(opcode: 1, payload: text))
                let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
                try client.sendFrame(2, bytes)
                #expect(try client.readFrame() == TestFrame(opcode: 2, payload: bytes))
            }
        }

        @Test("Fragments are joined, with control frames between them, in any pieces")
        func fragments() async throws {
            let session = TestSession(echoes: true)
            try await withServer(serving(session)) { port in
                let client = try TestClient(port: port)
                try client.upgrade()
                let frames =
                    TestClient.frame(1, Array("one ".utf8), isFinal: false)
                    + TestClient.frame(9, Array("ping".utf8))
                    + TestClient.frame(0, Array("two ".utf8), isFinal: false)
                    + TestClient.frame(0, Array("three".utf8))
                for byte in frames { try client.send([byte]) }
                #expect(
                    try client.readFrame() == TestFrame(opcode: 10, payload: Array("ping".utf8)))
                #expect(try client.readFrame().text == "one two three")
            }
            #expect(session.messages == [.text("one two three")])
        }

        @Test("A long message arrives although the server writes in the middle of it")
        func longMessageBetweenWrites() async throws {
            let session = TestSession()
            try await withServer(serving(session), { $0.maxMessageBytes = 1 << 20 }) { port in
                let client = try TestClient(port: port)
                try client.upgrade()
                let payload = [UInt8](repeating: 0x61, count: 900_000)
                let frame = TestClient.frame(1, payload)
                try client.send(TestClient.frame(9, [1]) + frame[..<200_000])
                #expect(try client.readFrame() == TestFrame(opcode: 10, payload: [1]))
                try client.send(Array(frame[200_000...]) + TestClient.frame(9, [2]))
                #expect(try client.readFrame() == TestFrame(opcode: 10, payload: [2]))
            }
            #expect(session.messages.count == 1)
        }

        @Test(
            "A breach of the protocol closes with its code",
            arguments: [
                ("unmasked", TestClient.frame(1, [0x61], isMasked: false), 1002),
                ("reserved bits", [0xC1, 0x80, 0, 0, 0, 0], 1002),
                ("opcode", TestClient.frame(3, []), 1002),
                ("long ping", TestClient.frame(9, [UInt8](repeating: 0, count: 126)), 1002),
                ("fragmented ping", TestClient.frame(9, [], isFinal: false), 1002),
                ("stray continuation", TestClient.frame(0, []), 1002),
                ("not UTF-8", TestClient.frame(1, [0xFF]), 1007),
                ("short close", TestClient.frame(8, [3]), 1002),
                ("bad close code", TestClient.frame(8, [3, 0xED]), 1002),
                ("too long", TestClient.frame(2, [UInt8](repeating: 0, count: 2_000)), 1009),
                ("huge", [0x82, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1009),
            ] as [(String, [UInt8], Int)])
        func breaches(_ name: String, _ bytes: [UInt8], _ code: Int) async throws {
            let session = TestSession()
            try await withServer(serving(session), { $0.maxMessageBytes = 1_000 }) { port in
                let client = try TestClient(port: port)
                try client.upgrade()
                try client.send(bytes)
                let frame = try client.readFrame()
                #expect(frame.opcode == 8)
                #expect(frame.code == code, "\(name)")
                #expect(try client.readToEnd().isEmpty)
                #expect(session.closing.wait())
            }
            #expect(session.messages.isEmpty)
            #expect(session.closing.count == 1)
        }

        @Test("Fragments that join to more than the limit close with 1009")
        func longFragments() async throws {
            let session = TestSession()
            try await withServer(serving(session), { $0.maxMessageBytes = 1_000 }) { port in
                let client = try TestClient(port: port)
                try client.upgrade()
                let part = [UInt8](repeating: 0, count: 600)
                try client.sendFrame(2, part, isFinal: false)
                try client.sendFrame(0, part)
                #expect(try client.readFrame().code == 1009)
            }
        }

        @Test("A session's close reaches the client with code and reason, after what came before")
        func sessionCloses() async throws {
            let session = TestSession([.text(block("last")), .close(code: 4001, reason: "the end")])
            try await withServer(serving(session), { $0.closeTimeout = .seconds(60) }) { port in
                let client = try TestClient(port: port)
                try client.upgrade()
                #expect(try client.readFrame().text == "last")
                let close = try client.readFrame()
                #expect(close.opcode == 8)
                #expect(close.code == 4001)
                #expect(close.reason == "the end")
                try client.sendFrame(8, [0x0F, 0xA1])
                #expect(try client.readToEnd().isEmpty)
                #expect(session.closing.wait())
            }
            #expect(session.closing.count == 1)
        }

        @Test("A client's close is answered with its code")
        func clientCloses() async throws {
            let session = TestSession()
            try await withServer(serving(session)) { port in
                let client = try TestClient(port: port)
                try client.upgrade()
                try client.sendFrame(8, [0x03, 0xE8, 0x62, 0x79, 0x65])
                #expect(try client.readFrame().code == 1000)
                #expect(try client.readToEnd().isEmpty)
                #expect(session.closing.wait())
            }
        }

        @Test("A client that does not answer a close is left after the close time")
        func closeTimeout() async throws {
            let session = TestSession([.close(code: 1000, reason: "")])
            try await withServer(serving(session), { $0.closeTimeout = .milliseconds(80) }) {
                port in
                let client = try TestClient(port: port)
                try client.upgrade()
                #expect(try client.readFrame().code == 1000)
                #expect(try client.readToEnd().isEmpty)
                #expect(session.closing.wait())
            }
        }

        @Test("A silent client is pinged, kept while it answers, and told why when it does not")
        func pings() async throws {
            let session = TestSession()
            let adjust: (inout WebServerSettings) -> Void = { settings in
                settings.pingInterval = .milliseconds(50)
                // What a busy machine may take to answer.
                settings.pongTimeout = .seconds(3)
                settings.stallClose = (4508, "too slow")
            }
            try await withServer(serving(session), adjust) { port in
                let client = try TestClient(port: port)
                try client.upgrade()
                let start = ContinuousClock.now
                while ContinuousClock.now - start < .seconds(4) {
                    #expect(try client.readFrame().opcode == 9)
                    try client.sendFrame(10, [])
                }
                // From here on it reads nothing, until its session is over.
                #expect(session.closing.wait())
                #expect(try client.readFrame().opcode == 9)
                let close = try client.readFrame()
                #expect(close.code == 4508)
                #expect(close.reason == "too slow")
                try client.sendFrame(8, [0x11, 0x9C])
                #expect(try client.readToEnd().isEmpty)
            }
            #expect(session.closing.count == 1)
        }

        @Test("A client that reads nothing after a ping is left at last")
        func unreadPing() async throws {
            let session = TestSession()
            let adjust: (inout WebServerSettings) -> Void = { settings in
                settings.pingInterval = .milliseconds(50)
                settings.pongTimeout = .milliseconds(50)
                settings.stallTimeout = .milliseconds(100)
            }
            try await withServer(serving(session), adjust) { port in
                let client = try TestClient(port: port)
                try client.upgrade()
                #expect(try client.readFrame().opcode == 9)
                #expect(try client.readFrame().code == 1008)
                // It owes a close frame, which is not waited for any longer than that.
                #expect(try client.readToEnd().isEmpty)
            }
        }

        @Test("Frames sent with the upgrade request are not lost")
        func earlyFrames() async throws {
            let session = TestSession(echoes: true)
            try await withServer(serving(session)) { port in
                let client = try TestClient(port: port)
                try client.send(
                    Array(
                        ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                            + "Sec-WebSocket-Version: 13\r\n"
                            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").utf8)
                        + TestClient.frame(1, Array("early".utf8)))
                #expect(try client.readHead().status == 101)
                #expect(try client.readFrame().text == "early")
            }
        }

        @Test("A client that goes away closes its session")
        func disappears() async throws {
            let session = TestSession()
            try await withServer(serving(session)) { port in
                do {
                    let client = try TestClient(port: port)
                    try client.upgrade()
                }
                #expect(session.closing.wait())
                session.wake?.wake()
            }
            #expect(session.closing.count == 1)
        }

        @Test(
            "A thousand sessions each receive the same blocks in order, past one that never reads")
        func fanOut() async throws {
            let blocks = (0..<20).map {
                block("line \($0) " + String(repeating: "x", count: 2_000))
            }
            let sessions = (0..<1_000).map { _ in TestSession() }
            let stuck = TestSession(
                rest: .text(ByteBlock([UInt8](repeating: 0x61, count: 1 << 20))))
            let handler = TestHandler(decide: { request in
                guard let index = request.segments.first.flatMap({ Int($0) }) else {
                    return .accept(subprotocol: nil, stuck)
                }
                return .accept(subprotocol: nil, sessions[index])
            })
            // No ping comes between the lines, however long it takes.
            try await withServer(handler, { $0.pingInterval = .seconds(600) }) { port in
                let reader = try TestClient(port: port, receiveBuffer: 4_096)
                try reader.upgrade("/stuck")
                let clients = try sessions.indices.map { index in
                    let client = try TestClient(port: port)
                    #expect(try client.upgrade("/\(index)").status == 101)
                    return client
                }
                for block in blocks {
                    for session in sessions { session.add(.text(block)) }
                }
                for client in clients {
                    for block in blocks {
                        #expect(try client.readFrame().text == block.text)
                    }
                }
                #expect(stuck.pulled < 16)
            }
            #expect(sessions.allSatisfy { $0.closing.count == 1 })
            #expect(stuck.closing.count == 1)
        }
    }
}
