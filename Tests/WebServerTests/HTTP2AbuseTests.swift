import ByteBlocks
import Testing
import WebServer

extension ServerTests {
    /// What breaks the protocol, or strains it: it costs its own connection, and no other.
    @Suite("HTTP/2 abuse", .timeLimit(.minutes(5)))
    struct HTTP2AbuseTests {
        /// Runs `attack` on a connection of its own, and asks on another, open all the while.
        private func withBystander(
            _ handler: TestHandler = TestHandler(),
            _ adjust: (inout WebServerSettings) -> Void = { _ in },
            _ attack: @escaping @Sendable (Int) throws -> Void
        ) async throws {
            try await withServer(handler, adjust) { port in
                let bystander = try HTTP2TestClient(port: port)
                try bystander.get("/", 1)
                #expect(try bystander.nextOfStream().type == 1)
                #expect(try bystander.nextOfStream().payload == Array("ok".utf8))
                try attack(port)
                try bystander.get("/", 3)
                #expect(try bystander.nextOfStream().type == 1)
                #expect(try bystander.nextOfStream().payload == Array("ok".utf8))
            }
        }

        @Test("A preface that goes wrong is no HTTP/1.1 request either")
        func badPreface() async throws {
            try await withBystander { port in
                let client = try TestClient(port: port)
                try client.send("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")
                #expect(try client.readResponse().status == 505)
                let other = try TestClient(port: port)
                try other.send(HTTP2TestClient.preface + Array("GET / HTTP/1.1\r\n\r\n".utf8))
                // What is read as a frame's header is far longer than any may be.
                let session = try other.readToEnd()
                #expect(session.contains(7))
            }
        }

        @Test(
            "A frame that breaks the protocol ends the connection, with GOAWAY",
            arguments: [
                (
                    "longer than allowed",
                    HTTP2TestClient.frame(0, 0, 1, [UInt8](repeating: 0, count: 16_385))
                ),
                ("DATA on stream 0", HTTP2TestClient.frame(0, 0, 0, [1])),
                (
                    "HEADERS on an even stream",
                    HTTP2TestClient.frame(1, 5, 2, HTTP2TestClient.head("/"))
                ),
                (
                    "a block that is no HPACK",
                    HTTP2TestClient.frame(1, 5, 1, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
                ),
                ("a window over 2^31", HTTP2TestClient.frame(8, 0, 0, [0x7F, 0xFF, 0xFF, 0xFF])),
                ("SETTINGS of 5 bytes", HTTP2TestClient.frame(4, 0, 0, [0, 0, 0, 0, 0])),
                ("CONTINUATION without HEADERS", HTTP2TestClient.frame(9, 4, 1, [0])),
                ("a promise by a client", HTTP2TestClient.frame(5, 4, 1, [0, 0, 0, 2])),
            ])
        func brokenFrames(_ what: String, _ frame: [UInt8]) async throws {
            try await withBystander { port in
                let client = try HTTP2TestClient(port: port)
                try client.client.send(frame)
                let code = client.readToGoodbye()
                #expect(code != nil && code != 0, "\(what)")
            }
        }

        @Test(
            "A malformed request costs its stream alone",
            arguments: [
                [(":method", "GET"), (":scheme", "http"), (":authority", "a")],
                [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("Upper", "case")],
                [
                    (":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a"),
                    ("connection", "close"),
                ],
                [
                    (":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a"),
                    ("transfer-encoding", "chunked"),
                ],
                [
                    (":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a"),
                    ("late", "field"), (":path", "/again"),
                ],
            ])
        func malformedRequests(_ fields: [(String, String)]) async throws {
            try await withBystander { port in
                let client = try HTTP2TestClient(port: port)
                try client.send(1, 5, 1, HTTP2TestClient.block(fields))
                let frame = try client.nextOfStream()
                #expect(frame.type == 3 && frame.code == 1)
                try client.get("/", 3)
                #expect(try client.nextOfStream().type == 1)
            }
        }

        @Test("A request that HTTP/1.1 would refuse is refused with a status")
        func refusedRequests() async throws {
            try await withBystander { port in
                for (stream, fields) in [
                    [(":path", "/a/../b"), (":authority", "a")],
                    [(":path", "/%ff"), (":authority", "a")],
                    [(":path", "/"), (":authority", "a"), ("host", "b")],
                ].enumerated() {
                    let client = try HTTP2TestClient(port: port)
                    let id = UInt32(1 + 2 * stream)
                    try client.send(
                        1, 5, id,
                        HTTP2TestClient.block([(":method", "GET"), (":scheme", "http")] + fields))
                    let head = try client.nextOfStream()
                    // Index 12 of HPACK's table is ":status: 400".
                    #expect(head.type == 1 && head.payload.first == 0x8C)
                }
            }
        }

        @Test("Heads that wait for bodies count in the server's budget until they are answered")
        func heads() async throws {
            let large = (0..<8).map { ("x-\($0)", String(repeating: "v", count: 100)) }
            let block = HTTP2TestClient.block(
                [(":method", "PUT"), (":scheme", "http"), (":path", "/"), (":authority", "a")]
                    + large)
            let adjust: (inout WebServerSettings) -> Void = { settings in
                settings.maxBodyBytes = 1_000
                settings.maxBodyBytesInAll = 2_000
            }
            try await withServer(TestHandler(), adjust) { port in
                let client = try HTTP2TestClient(port: port)
                func answer(_ stream: UInt32) throws -> UInt8? {
                    while true {
                        let frame = try client.nextOfStream()
                        if frame.type == 1, frame.stream == stream { return frame.payload.first }
                    }
                }
                // Without END_STREAM: a body is to follow. There is room for one such head.
                try client.send(1, 4, 1, block)
                try client.send(1, 4, 3, block)
                // Index 8 of HPACK's table is ":status: 200".
                #expect(try answer(3) != 0x88)
                try client.send(0, 1, 1, [])
                #expect(try answer(1) == 0x88)
                try client.send(1, 5, 5, block)
                #expect(try answer(5) == 0x88, "what is answered does not count")
            }
        }

        @Test("Answers that are not read are bounded all together, and given up with their streams")
        func unreadAnswers() async throws {
            let handler = TestHandler(answer: { _ in
                .full(ResponseHead(status: 200), body: [UInt8](repeating: 1, count: 400_000))
            })
            try await withServer(handler, { $0.maxAnswerBytesInAll = 500_000 }) { port in
                let client = try HTTP2TestClient(port: port)
                func answer(_ stream: UInt32) throws -> UInt8? {
                    try client.get("/", stream)
                    while true {
                        let frame = try client.nextOfStream()
                        if frame.type == 1, frame.stream == stream { return frame.payload.first }
                    }
                }
                // Index 8 of HPACK's table is ":status: 200". The window is 64 KiB, so it waits.
                #expect(try answer(1) == 0x88)
                #expect(try answer(3) != 0x88)
                try client.send(3, 0, 1, HTTP2TestClient.number(8))
                #expect(try answer(5) == 0x88)
            }
        }

        @Test("Rapid reset: who takes back thousands of requests is told to calm down")
        func rapidReset() async throws {
            let handler = TestHandler(answer: { request in
                if request.path == "/slow" { await TestHandler.untilCancelled() }
                return .full(ResponseHead(status: 200), body: Array("ok".utf8))
            })
            try await withBystander(handler) { port in
                let client = try HTTP2TestClient(port: port)
                var isOpen = true
                for stream: UInt32 in stride(from: 1, to: 20_001, by: 2) where isOpen {
                    let frames =
                        HTTP2TestClient.frame(1, 5, stream, HTTP2TestClient.head("/slow"))
                        + HTTP2TestClient.frame(3, 0, stream, HTTP2TestClient.number(8))
                    isOpen = (try? client.client.send(frames)) != nil
                }
                let code = client.readToGoodbye()
                #expect(!isOpen || code != nil)
            }
        }

        @Test(
            "A flood of frames that cost the client nothing ends the connection",
            arguments: [
                ("PING", HTTP2TestClient.frame(6, 0, 0, [UInt8](repeating: 0, count: 8))),
                ("SETTINGS", HTTP2TestClient.frame(4, 0, 0)),
            ])
        func floods(_ what: String, _ frame: [UInt8]) async throws {
            try await withBystander { port in
                let client = try HTTP2TestClient(port: port)
                let reader = Handover(client)
                let ended = Event()
                startThread {
                    _ = reader.value.readToGoodbye()
                    ended.signal()
                }
                let many = [UInt8]((0..<100).map { _ in frame }.joined())
                for _ in 0..<1_000 where (try? client.client.send(many)) != nil {}
                #expect(ended.wait(), "\(what)")
            }
        }

        @Test("A head of endless CONTINUATION frames ends the connection")
        func continuations() async throws {
            try await withBystander { port in
                let client = try HTTP2TestClient(port: port)
                try client.send(1, 0, 1, HTTP2TestClient.head("/"))
                let more = HTTP2TestClient.frame(
                    9, 0, 1, HTTP2TestClient.block([("x", String(repeating: "y", count: 100))]))
                var isOpen = true
                for _ in 0..<10_000 where isOpen {
                    isOpen = (try? client.client.send(more)) != nil
                }
                let code = client.readToGoodbye()
                #expect(!isOpen || code != nil)
            }
        }

        @Test("A small block that unpacks to a long head gets 431")
        func bomb() async throws {
            try await withBystander { port in
                let client = try HTTP2TestClient(port: port)
                // One field of 100 bytes goes into the table, and is named 1,000 times by one byte.
                let field =
                    [0x40, 1] + Array("x".utf8) + [100] + [UInt8](repeating: 0x79, count: 100)
                let block =
                    HTTP2TestClient.head("/") + field + [UInt8](repeating: 0xBE, count: 1_000)
                try client.send(1, 5, 1, block)
                let head = try client.nextOfStream()
                #expect(head.type == 1)
                let body = try client.nextOfStream()
                #expect(String(decoding: body.payload, as: UTF8.self).hasPrefix("431 "))
            }
        }

        @Test("As many streams as allowed go side by side; one more ends the connection")
        func tooManyStreams() async throws {
            let handler = TestHandler(answer: { request in
                request.path == "/"
                    ? .full(ResponseHead(status: 200), body: Array("ok".utf8))
                    : .stream(ResponseHead(status: 200), source: TestSource())
            })
            try await withBystander(handler, { $0.maxStreams = 4 }) { port in
                let client = try HTTP2TestClient(port: port)
                for stream: UInt32 in [1, 3, 5, 7] {
                    try client.get("/stream", stream)
                    #expect(try client.nextOfStream().type == 1)
                }
                try client.send(3, 0, 1, HTTP2TestClient.number(8))
                try client.get("/stream", 9)
                #expect(try client.nextOfStream().type == 1)
                try client.get("/stream", 11)
                #expect(client.readToGoodbye() == 1)
            }
        }

        @Test("A client that says nothing, or half a head, is given up")
        func silence() async throws {
            // Long enough for everybody to say hello on a busy machine.
            try await withBystander(TestHandler(), { $0.headTimeout = .seconds(3) }) { port in
                let silent = try TestClient(port: port)
                try silent.send(HTTP2TestClient.preface)
                let half = try HTTP2TestClient(port: port)
                try half.send(1, 1, 1, HTTP2TestClient.head("/"))
                #expect(try silent.readToEnd().count > 0)
                #expect(half.readToGoodbye() == 0)
            }
        }

        @Test("A connection without streams gets GOAWAY after the idle time")
        func idle() async throws {
            try await withServer(
                TestHandler(),
                {
                    $0.idleTimeout = .milliseconds(200)
                    // A request that comes too late is not answered, and no error either.
                    $0.closeTimeout = .seconds(60)
                }
            ) { port in
                let client = try HTTP2TestClient(port: port)
                try client.get("/", 1)
                #expect(client.readToGoodbye() == 0)
            }
        }

        @Test("A stream that is not read for too long is reset, and the others go on")
        func stalled() async throws {
            let endless = TestSource(rest: .bytes(ByteBlock([UInt8](repeating: 1, count: 50_000))))
            let live = TestSource([.bytes(block("live"))])
            let handler = TestHandler(answer: { request in
                .stream(
                    ResponseHead(status: 200), source: request.path == "/live" ? live : endless)
            })
            try await withServer(handler, { $0.stallTimeout = .seconds(3) }) { port in
                let client = try HTTP2TestClient(port: port)
                try client.grant(1 << 30, 0)
                try client.get("/live", 1)
                #expect(try client.nextOfStream().type == 1)
                #expect(try client.nextOfStream().payload == Array("live".utf8))
                try client.get("/endless", 3)
                var frame = try client.nextOfStream()
                while frame.type != 3 { frame = try client.nextOfStream() }
                #expect(frame.stream == 3 && frame.code == 8)
                #expect(endless.closing.wait())
                live.add(.bytes(block("more")))
                #expect(try client.nextOfStream().payload == Array("more".utf8))
            }
        }
    }
}
