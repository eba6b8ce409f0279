import ByteBlocks
import Testing
import WebServer

extension ServerTests {
    @Suite("Response streams", .timeLimit(.minutes(5)))
    struct ResponseStreamTests {
        private func serving(_ source: TestSource) -> TestHandler {
            TestHandler(answer: { _ in .stream(ResponseHead(status: 200), source: source) })
        }

        @Test("A stream is chunked, goes on after a wake, and ends cleanly")
        func chunked() async throws {
            let source = TestSource([
                .bytes(block("first")), .bytes(block("")), .bytes(block("second")),
            ])
            try await withServer(serving(source)) { port in
                let client = try TestClient(port: port)
                try client.request("GET", "/")
                let head = try client.readHead()
                #expect(head.fields["transfer-encoding"] == "chunked")
                #expect(head.fields["content-length"] == nil)
                #expect(try client.readChunk() == Array("first".utf8))
                #expect(try client.readChunk() == Array("second".utf8))
                source.add(.bytes(block("third")))
                #expect(try client.readChunk() == Array("third".utf8))
                #expect(source.closing.count == 0)
                source.add(.end)
                #expect(try client.readChunk() == nil)
                #expect(source.closing.wait())
                try client.request("GET", "/")
                #expect(try client.readHead().status == 200)
            }
            #expect(source.opening.count == 2)
        }

        @Test("Blocks of every size are framed so that the client gets their bytes")
        func sizes() async throws {
            let sizes = [1, 15, 16, 17, 255, 256, 4_095, 4_096, 65_535, 65_536, 1_048_577]
            let blocks = sizes.map { size in
                ByteBlock((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            }
            let source = TestSource(blocks.map { .bytes($0) } + [.end])
            try await withServer(serving(source)) { port in
                let client = try TestClient(port: port)
                try client.request("GET", "/")
                _ = try client.readHead()
                for size in sizes {
                    let chunk = try client.readChunk()
                    #expect(chunk == (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) })
                }
                #expect(try client.readChunk() == nil)
            }
        }

        @Test("An abort leaves the chunked body incomplete")
        func abort() async throws {
            let source = TestSource([.bytes(block("half")), .abort])
            try await withServer(serving(source)) { port in
                let client = try TestClient(port: port)
                try client.request("GET", "/")
                _ = try client.readHead()
                #expect(try client.readChunk() == Array("half".utf8))
                #expect(throws: TestClient.Failure.endedEarly(received: "")) {
                    try client.readChunk()
                }
                #expect(source.closing.wait())
            }
            #expect(source.closing.count == 1)
        }

        @Test("An HTTP/1.0 client gets the stream up to the close, and a reset where it is cut")
        func untilClose() async throws {
            let whole = TestSource([.bytes(block("all")), .end])
            try await withServer(serving(whole)) { port in
                let client = try TestClient(port: port)
                try client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(try client.readResponse().text == "all")
            }
            let cut = TestSource([.bytes(block("half"))])
            try await withServer(serving(cut)) { port in
                let client = try TestClient(port: port)
                try client.send("GET / HTTP/1.0\r\n\r\n")
                _ = try client.readHead()
                #expect(try client.read(4) == Array("half".utf8))
                cut.add(.abort)
                #expect(throws: TestClient.Failure.connectionReset) { try client.readToEnd() }
            }
        }

        @Test(
            "A body of announced length is cut where the source does not keep the length",
            arguments: [("exact", 5, true), ("short", 6, false), ("long!!", 5, false)])
        func sized(_ text: String, _ length: Int, _ isWhole: Bool) async throws {
            let source = TestSource([.bytes(block(text)), .end])
            let handler = TestHandler(answer: { _ in
                .sized(ResponseHead(status: 200), length: length, source: source)
            })
            try await withServer(handler) { port in
                let client = try TestClient(port: port)
                try client.request("GET", "/")
                if isWhole {
                    #expect(try client.readResponse().text == text)
                } else {
                    #expect(throws: TestClient.Failure.self) { try client.readResponse() }
                }
                #expect(source.closing.wait())
            }
            #expect(source.closing.count == 1)
        }

        @Test("A status without body leaves the source unopened", arguments: [204, 304])
        func bodiless(_ status: Int) async throws {
            let source = TestSource([.bytes(block("never"))])
            let handler = TestHandler(answer: { _ in
                .stream(ResponseHead(status: status), source: source)
            })
            try await withServer(handler) { port in
                let client = try TestClient(port: port)
                for _ in 0..<2 {
                    try client.request("GET", "/")
                    let response = try client.readResponse()
                    #expect(response.status == status)
                    #expect(response.fields["transfer-encoding"] == nil)
                    #expect(source.closing.wait())
                }
            }
            #expect(source.opening.count == 0)
            #expect(source.closing.count == 2)
        }

        @Test("A full body of many MiB arrives whole")
        func largeFull() async throws {
            let body = (0..<(5 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let handler = TestHandler(answer: { _ in .full(ResponseHead(status: 200), body: body) })
            try await withServer(handler) { port in
                let client = try TestClient(port: port)
                for _ in 0..<2 {
                    try client.request("GET", "/")
                    #expect(try client.readResponse().body == body)
                }
            }
        }

        @Test("A client that goes away during a quiet stream closes the source")
        func disappears() async throws {
            let source = TestSource([.bytes(block("hello"))])
            try await withServer(serving(source)) { port in
                do {
                    let client = try TestClient(port: port)
                    try client.request("GET", "/")
                    _ = try client.readHead()
                    _ = try client.readChunk()
                }
                #expect(source.closing.wait())
                // A wake after the close is harmless, and the server goes on.
                for _ in 0..<100 { source.wake?.wake() }
                let next = try TestClient(port: port)
                try next.request("GET", "/")
                #expect(try next.readHead().status == 200)
            }
            #expect(source.closing.count == 2)
        }

        @Test("A client that never reads holds one block back, and delays nobody")
        func neverReads() async throws {
            let big = ByteBlock([UInt8](repeating: 1, count: 1 << 20))
            let endless = TestSource(rest: .bytes(big))
            let handler = TestHandler(answer: { request in
                request.path == "/endless"
                    ? .stream(ResponseHead(status: 200), source: endless)
                    : .full(ResponseHead(status: 200), body: Array("ok".utf8))
            })
            try await withServer(handler) { port in
                let stuck = try TestClient(port: port, receiveBuffer: 4_096)
                try stuck.request("GET", "/endless")
                #expect(endless.opening.wait())
                // What it sends meanwhile must not keep the server busy either.
                try stuck.send("GET /more HTTP/1.1\r\nHost: a\r\n\r\n")
                let other = try TestClient(port: port)
                var pulled = -1
                for _ in 0..<200 {
                    try other.request("GET", "/")
                    #expect(try other.readResponse().text == "ok")
                    pulled = endless.pulled
                }
                // The kernel's buffers take some MiB; then nothing more is pulled.
                let before = endless.serverTime
                #expect(stuck.isSilentlyStuck(milliseconds: 300))
                #expect(endless.serverTime - before < .milliseconds(30))
                for _ in 0..<200 {
                    try other.request("GET", "/")
                    #expect(try other.readResponse().text == "ok")
                }
                #expect(endless.pulled == pulled)
                #expect(endless.pulled < 16)
            }
            #expect(endless.closing.count == 1)
        }

        @Test("A fast endless reader does not starve the others")
        func fairness() async throws {
            let endless = TestSource(rest: .bytes(ByteBlock([UInt8](repeating: 1, count: 65_536))))
            let handler = TestHandler(answer: { request in
                request.path == "/endless"
                    ? .stream(ResponseHead(status: 200), source: endless)
                    : .full(ResponseHead(status: 200), body: Array("ok".utf8))
            })
            let finished = Event()
            try await withServer(handler) { port in
                let greedy = try TestClient(port: port)
                try greedy.request("GET", "/endless")
                _ = try greedy.readHead()
                let reader = Handover(greedy)
                startThread {
                    while finished.count == 0, (try? reader.value.readChunk()) != nil {}
                    finished.signal()
                }
                let other = try TestClient(port: port)
                for _ in 0..<100 {
                    try other.request("GET", "/")
                    #expect(try other.readResponse().text == "ok")
                }
                #expect(endless.pulled > 0)
                finished.signal()
            }
        }
    }
}
