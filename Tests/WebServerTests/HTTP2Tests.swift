import ByteBlocks
import Synchronization
import SystemTools
import Testing
import WebServer

extension ServerTests {
    @Suite("HTTP/2", .timeLimit(.minutes(5)))
    struct HTTP2Tests {
        @Test(
            "A body that cannot be completed makes curl fail with 92",
            arguments: ["short", "long-sized", "abort", "abort-at-once"])
        func aborts(_ path: String) async throws {
            try await withServer(EveryAnswer.handler) { port in
                let tool = try Tool.curl(
                    "--http2-prior-knowledge", "http://127.0.0.1:\(port)/\(path)")
                #expect(tool.status == 92)
                let client = try HTTP2TestClient(port: port)
                try client.get("/\(path)", 1)
                var frames: [HTTP2TestClient.Frame] = []
                repeat { frames.append(try client.nextOfStream()) } while frames.last?.type != 3
                // INTERNAL_ERROR, behind what the source gave, and no end before it.
                #expect(frames.last?.code == 2)
                #expect(frames.allSatisfy { $0.type == 3 || $0.flags & 1 == 0 })
                let body = frames.filter { $0.type == 0 }.flatMap(\.payload)
                let sent = ["abort-at-once": "", "long-sized": "one,"][path] ?? "one,two"
                #expect(String(decoding: body, as: UTF8.self) == sent)
            }
        }

        @Test("A hundred streams share one connection, and each gets its own body")
        func parallel() async throws {
            let handler = TestHandler(answer: { request in
                let text = request.query("n").flatMap { $0 } ?? ""
                let pulls = (0..<50).map { BodyPull.bytes(block("\(text):\($0)\n")) }
                return .stream(ResponseHead(status: 200), source: TestSource(pulls + [.end]))
            })
            try await withServer(handler) { port in
                let client = try HTTP2TestClient(port: port)
                try client.grant(1 << 30, 0)
                let streams = (0..<100).map { UInt32(1 + 2 * $0) }
                for stream in streams { try client.get("/?n=\(stream)", stream) }
                var bodies: [UInt32: String] = [:]
                var ended = 0
                while ended < streams.count {
                    let frame = try client.nextOfStream()
                    guard frame.type == 0 else { continue }
                    bodies[frame.stream, default: ""] += String(
                        decoding: frame.payload, as: UTF8.self)
                    if frame.flags & 1 == 1 { ended += 1 }
                }
                for stream in streams {
                    #expect(bodies[stream] == (0..<50).map { "\(stream):\($0)\n" }.joined())
                }
            }
        }

        @Test("A request arrives as over HTTP/1.1: host, cookies, body, address")
        func requests() async throws {
            let seen = Box(Mutex<ServerRequest?>(nil))
            let handler = TestHandler(answer: { request in
                seen.value.withLock { $0 = request }
                return .full(ResponseHead(status: 200), body: request.body)
            })
            try await withServer(handler) { port in
                let client = try HTTP2TestClient(port: port)
                try client.send(
                    1, 0x4, 1,
                    HTTP2TestClient.block([
                        (":method", "PUT"), (":scheme", "http"), (":path", "/a%20b?x=1"),
                        (":authority", "podwire.test"), ("cookie", "a=1"), ("x-own", "7"),
                        ("cookie", "b=2"),
                    ]))
                try client.send(0, 0, 1, Array("bo".utf8))
                try client.send(0, 1, 1, Array("dy".utf8))
                #expect(try client.nextOfStream().type == 1)
                #expect(try client.nextOfStream().payload == Array("body".utf8))
                let request = try #require(seen.value.withLock { $0 })
                #expect(request.method == "PUT")
                #expect(request.segments == ["a b"])
                #expect(request.query("x") == "1")
                #expect(request.header("Host") == "podwire.test")
                #expect(request.header("Cookie") == "a=1; b=2")
                #expect(request.header("X-Own") == "7")
                #expect(request.remoteAddress == "127.0.0.1")
                #expect(!request.isSecure)
            }
        }

        @Test("Errors of the server cost their stream alone", arguments: [true, false])
        func ownErrors(_ isAnnounced: Bool) async throws {
            try await withServer(EveryAnswer.handler, { $0.maxBodyBytes = 10_000 }) { port in
                let client = try HTTP2TestClient(port: port)
                var fields = HTTP2TestClient.head("/echo", method: "POST")
                if isAnnounced { fields += HTTP2TestClient.block([("content-length", "10001")]) }
                try client.send(1, 4, 1, fields)
                if !isAnnounced { try client.send(0, 0, 1, [UInt8](repeating: 0, count: 10_001)) }
                #expect(try client.nextOfStream().type == 1)
                let body = try client.nextOfStream()
                #expect(String(decoding: body.payload, as: UTF8.self).hasPrefix("413 "))
                // The answer is complete, and the rest of the request is not waited for.
                let reset = try client.nextOfStream()
                #expect(reset.type == 3 && reset.stream == 1 && reset.code == 0)
                try client.get("/full", 3)
                #expect(try client.nextOfStream().type == 1)
                #expect(try client.nextOfStream().payload == Array("full".utf8))
            }
        }

        @Test("A stream that is not read holds up none beside it")
        func stalledStream() async throws {
            let endless = TestSource(rest: .bytes(ByteBlock([UInt8](repeating: 1, count: 50_000))))
            let handler = TestHandler(answer: { request in
                request.path == "/endless"
                    ? .stream(ResponseHead(status: 200), source: endless)
                    : .full(ResponseHead(status: 200), body: Array("ok".utf8))
            })
            try await withServer(handler) { port in
                let client = try HTTP2TestClient(port: port)
                try client.grant(1 << 30, 0)
                try client.get("/endless", 1)
                // The stream's window is 65,535 bytes, and is not opened again.
                var received = 0
                while received < 65_535 {
                    let frame = try client.nextOfStream()
                    if frame.type == 0 { received += frame.payload.count }
                }
                #expect(received == 65_535)
                let pulled = endless.pulled
                for stream in 0..<200 {
                    try client.get("/", UInt32(3 + 2 * stream))
                    let head = try client.nextOfStream()
                    #expect(head.type == 1 && head.stream == UInt32(3 + 2 * stream))
                    #expect(try client.nextOfStream().payload == Array("ok".utf8))
                }
                // One block is at hand, and no more is pulled.
                #expect(endless.pulled == pulled)
                #expect(pulled <= 2)
                try client.grant(10, 1)
                #expect(try client.nextOfStream().payload.count == 10)
            }
            #expect(endless.closing.count == 1)
        }

        @Test("Streams of one connection take turns")
        func turns() async throws {
            let big = ByteBlock([UInt8](repeating: 1, count: 65_536))
            let handler = TestHandler(answer: { _ in
                .stream(ResponseHead(status: 200), source: TestSource(rest: .bytes(big)))
            })
            try await withServer(handler) { port in
                let client = try HTTP2TestClient(
                    // SETTINGS_INITIAL_WINDOW_SIZE
                    port: port, settings: [0, 4] + HTTP2TestClient.number(1 << 30))
                try client.grant(1 << 30, 0)
                for stream: UInt32 in [1, 3, 5] { try client.get("/", stream) }
                var bytes: [UInt32: Int] = [:]
                func read(_ count: Int) throws {
                    while bytes.values.reduce(0, +) < count {
                        let frame = try client.nextOfStream()
                        if frame.type == 0 {
                            bytes[frame.stream, default: 0] += frame.payload.count
                        }
                    }
                }
                // The first has the connection to itself until the others' requests arrive.
                for bound in stride(from: 0, to: 64 << 20, by: 65_536) where bytes.count < 3 {
                    try read(bound)
                }
                #expect(bytes.count == 3)
                bytes = [:]
                try read(30_000_000)
                #expect(bytes.values.allSatisfy { $0 > 6_000_000 })
            }
        }

        @Test("A source that waits is pulled again when it wakes its stream")
        func waking() async throws {
            let source = TestSource([.bytes(block("first"))])
            let handler = TestHandler(answer: { _ in
                .stream(ResponseHead(status: 200), source: source)
            })
            try await withServer(handler) { port in
                let client = try HTTP2TestClient(port: port)
                try client.get("/", 1)
                #expect(try client.nextOfStream().type == 1)
                #expect(try client.nextOfStream().payload == Array("first".utf8))
                for number in 0..<100 {
                    source.add(.bytes(block("\(number)")))
                    #expect(try client.nextOfStream().payload == Array("\(number)".utf8))
                }
                source.add(.end)
                let end = try client.nextOfStream()
                #expect(end.type == 0 && end.flags & 1 == 1 && end.payload.isEmpty)
                #expect(source.closing.wait())
            }
        }

        @Test("A client that takes a stream back cancels its handler and closes its source")
        func cancelled() async throws {
            let source = TestSource()
            let (started, cancelled) = (Event(), Event())
            let handler = TestHandler(answer: { request in
                if request.path == "/source" {
                    return .stream(ResponseHead(status: 200), source: source)
                }
                started.signal()
                await withTaskCancellationHandler {
                    await TestHandler.untilCancelled()
                } onCancel: {
                    cancelled.signal()
                }
                return .full(ResponseHead(status: 200), body: [])
            })
            try await withServer(handler) { port in
                let client = try HTTP2TestClient(port: port)
                try client.get("/source", 1)
                try client.get("/handler", 3)
                #expect(source.opening.wait() && started.wait())
                try client.send(3, 0, 1, HTTP2TestClient.number(8))
                try client.send(3, 0, 3, HTTP2TestClient.number(8))
                #expect(source.closing.wait() && cancelled.wait())
                #expect(source.closing.count == 1)
            }
        }

        @Test("Stop says GOAWAY, cuts streams, and is done in time")
        func stop() async throws {
            let source = TestSource([.bytes(block("half"))])
            let server = try await startServer(
                TestHandler(answer: { _ in .stream(ResponseHead(status: 200), source: source) }))
            let handed = try await blocking {
                let client = try HTTP2TestClient(port: server.port)
                try client.get("/", 1)
                #expect(try client.nextOfStream().type == 1)
                #expect(try client.nextOfStream().payload == Array("half".utf8))
                return Handover(client)
            }
            let start = ContinuousClock.now
            async let stopped: Void = server.stop(closing: 1001, reason: "")
            let frames = try await blocking {
                (try handed.value.nextOfStream(), try handed.value.nextOfStream())
            }
            let codes = [frames.0, frames.1].sorted { $0.type < $1.type }
            #expect(codes.map(\.type) == [3, 7])
            #expect(codes[0].code == 2)
            #expect(codes[1].code == 0)
            await stopped
            #expect(ContinuousClock.now - start < .seconds(20))
            #expect(source.closing.count == 1)
        }
    }
}
