import Synchronization
import Testing
import WebServer

extension ServerTests {
    @Suite("Requests", .timeLimit(.minutes(5)))
    struct RequestTests {
        @Test("A request reaches the handler as it was sent")
        func requestAsSent() async throws {
            let box = Box(Mutex<ServerRequest?>(nil))
            let handler = TestHandler(answer: { request in
                box.value.withLock { $0 = request }
                return .full(ResponseHead(status: 200), body: [])
            })
            try await withServer(handler) { port in
                let client = try TestClient(port: port)
                try client.request(
                    "GET", "/logs/a%20b/c%2Bd//e?follow&x=1%202+3&x=&=v",
                    "X-Custom-Thing:  some value \t\r\nx-UID: 7\r\n")
                #expect(try client.readResponse().status == 200)
                let request = try #require(box.value.withLock { $0 })
                #expect(request.method == "GET")
                #expect(request.path == "/logs/a%20b/c%2Bd//e")
                #expect(request.segments == ["logs", "a b", "c+d", "e"])
                #expect(
                    request.query == [
                        QueryItem("follow", nil), QueryItem("x", "1 2 3"), QueryItem("x", ""),
                        QueryItem("", "v"),
                    ])
                #expect(request.query("follow") == .some(nil))
                #expect(request.query("x") == .some("1 2 3"))
                #expect(request.query("y") == nil)
                #expect(request.header("x-custom-thing") == "some value")
                #expect(request.header("X-Uid") == "7")
                #expect(request.header("X-Absent") == nil)
                #expect(request.remoteAddress == "127.0.0.1")
            }
        }

        @Test(
            "A malformed request gets an error of its own and a close",
            arguments: [
                ("GARBAGE\r\n\r\n", 400), ("GET\r\n\r\n", 400), ("GET  / HTTP/1.1\r\n\r\n", 400),
                ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                ("GET / HTTP/1.1\r\n\r\n", 400),
                ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
                ("GET / HTTP/1.1\nHost: a\n\n", 400),
                ("GET / HTTP/1.1\r\nHost: a\r\nX: b\n\nGET / HTTP/1.1\r\n\r\n", 400),
                ("GET / HTTP/1.1\r\nHost: a\r\n\n", 400),
                ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
                ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
                ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{1}\r\n\r\n", 400),
                ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                ("GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                ("GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                ("GET /a/%2e%2E/b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                ("GET /a%2Fb HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
                ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
                (
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                    400
                ),
                (
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n", 400
                ),
                ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
                ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", 501),
                ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ,chunked\r\n\r\n", 501),
                (
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n", 501
                ),
                ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
                ("POST / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\n\r\n", 417),
            ])
        func malformed(_ request: String, _ status: Int) async throws {
            try await withServer(TestHandler()) { port in
                let client = try TestClient(port: port)
                try client.send(request)
                let response = try client.readResponse()
                #expect(response.status == status)
                #expect(response.isOwnError)
                #expect(try client.readToEnd().isEmpty)
            }
        }

        @Test("Errors of the server carry the body that the settings make")
        func errorBody() async throws {
            let adjust: (inout WebServerSettings) -> Void = { settings in
                settings.errorBody = { status, message in
                    ("application/json", Array("{\"code\":\(status)}".utf8))
                }
            }
            try await withServer(TestHandler(), adjust) { port in
                let client = try TestClient(port: port)
                try client.send("BAD\r\n\r\n")
                let response = try client.readResponse()
                #expect(response.fields["content-type"] == "application/json")
                #expect(response.text == "{\"code\":400}")
            }
        }

        @Test("A head that is too long, or has too many fields, gets 431")
        func headTooLong() async throws {
            try await withServer(TestHandler(), { $0.maxHeaderBytes = 2_048 }) { port in
                let long = try TestClient(port: port)
                try long.request("GET", "/", "X: \(String(repeating: "x", count: 3_000))\r\n")
                let response = try long.readResponse()
                #expect(response.status == 431)
                #expect(response.isOwnError)
                let many = try TestClient(port: port)
                try many.request("GET", "/", String(repeating: "X: \r\n", count: 200))
                #expect(try many.readResponse().status == 431)
            }
        }

        @Test("A head that does not arrive in time gets 408, and silence a close")
        func slowHead() async throws {
            // Long enough for a busy machine to send half a head after it has connected.
            try await withServer(TestHandler(), { $0.headTimeout = .seconds(3) }) { port in
                let slow = try TestClient(port: port)
                try slow.send("GET / HTTP/1.1\r\nHost:")
                let silent = try TestClient(port: port)
                let response = try slow.readResponse()
                #expect(response.status == 408)
                #expect(response.isOwnError)
                #expect(try silent.readToEnd().isEmpty)
            }
        }

        @Test("A connection without a next request closes after the idle time")
        func idle() async throws {
            try await withServer(TestHandler(), { $0.idleTimeout = .milliseconds(80) }) { port in
                let client = try TestClient(port: port)
                try client.request("GET", "/")
                #expect(try client.readResponse().status == 200)
                #expect(try client.readToEnd().isEmpty)
            }
        }

        @Test("Bodies arrive whole, with a length and chunked, in any pieces")
        func bodies() async throws {
            let handler = TestHandler(answer: { .full(ResponseHead(status: 200), body: $0.body) })
            try await withServer(handler) { port in
                let client = try TestClient(port: port)
                try client.request("POST", "/", "Content-Length: 11\r\n")
                try client.send("hello ")
                try client.send("world")
                #expect(try client.readResponse().text == "hello world")
                try client.request("PUT", "/", "Transfer-Encoding: chunked\r\n")
                for byte in Array("6;a=b\r\nhello \r\n5\r\nworld\r\n0\r\nTrailer: x\r\n\r\n".utf8) {
                    try client.send([byte])
                }
                #expect(try client.readResponse().text == "hello world")
                try client.request("GET", "/")
                #expect(try client.readResponse().text == "")
            }
        }

        @Test("A body over the limit gets 413, announced or not")
        func bodyTooLong() async throws {
            try await withServer(TestHandler(), { $0.maxBodyBytes = 10 }) { port in
                let announced = try TestClient(port: port)
                try announced.request("POST", "/", "Content-Length: 11\r\n")
                #expect(try announced.readResponse().status == 413)
                let chunked = try TestClient(port: port)
                try chunked.request("POST", "/", "Transfer-Encoding: chunked\r\n")
                try chunked.send("8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n")
                let response = try chunked.readResponse()
                #expect(response.status == 413)
                #expect(response.isOwnError)
            }
        }

        @Test("A body that stops arriving gets 408")
        func slowBody() async throws {
            try await withServer(TestHandler(), { $0.bodyTimeout = .milliseconds(80) }) { port in
                let client = try TestClient(port: port)
                try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc")
                #expect(try client.readResponse().status == 408)
            }
        }

        @Test("A client that expects 100 Continue gets it, and then the answer")
        func expectContinue() async throws {
            let handler = TestHandler(answer: { .full(ResponseHead(status: 200), body: $0.body) })
            try await withServer(handler) { port in
                let client = try TestClient(port: port)
                try client.request("POST", "/", "Content-Length: 2\r\nExpect: 100-continue\r\n")
                #expect(try client.readHead().status == 100)
                try client.send("ab")
                #expect(try client.readResponse().text == "ab")
            }
        }

        @Test("Pipelined requests are answered in order on one connection")
        func pipelined() async throws {
            let handler = TestHandler(answer: { request in
                .full(ResponseHead(status: 200), body: Array(request.path.utf8))
            })
            try await withServer(handler) { port in
                let client = try TestClient(port: port)
                let requests = (0..<500).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }
                try client.send(requests.joined())
                for number in 0..<500 {
                    #expect(try client.readResponse().text == "/\(number)")
                }
            }
        }

        @Test("A long body that was sent ahead is read on behind the response before it")
        func pipelinedBody() async throws {
            let gate = Event()
            let handler = TestHandler(answer: { request in
                if request.path == "/first" { _ = await onThread { gate.wait() } }
                return .full(
                    ResponseHead(status: 200), body: Array("\(request.body.count)".utf8))
            })
            try await withServer(handler) { port in
                let client = try TestClient(port: port)
                try client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
                let head = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n"
                try client.send(Array(head.utf8) + [UInt8](repeating: 0x61, count: 200_000))
                // The server comes round to each socket in turn: it has taken all that it takes.
                let other = try TestClient(port: port)
                for _ in 0..<8 {
                    try other.request("GET", "/other")
                    #expect(try other.readResponse().text == "0")
                }
                gate.signal()
                #expect(try client.readResponse().text == "0")
                #expect(try client.readResponse().text == "200000")
            }
        }

        @Test("A malformed request behind HEAD is answered with a body")
        func malformedBehindHEAD() async throws {
            let handler = TestHandler(answer: { _ in
                .full(ResponseHead(status: 200), body: Array("body".utf8))
            })
            try await withServer(handler) { port in
                let client = try TestClient(port: port)
                try client.request("HEAD", "/")
                #expect(try client.readResponse(isHEAD: true).status == 200)
                try client.send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
                let response = try client.readResponse()
                #expect(response.status == 400)
                #expect(response.text.contains("Host"))
            }
        }

        @Test("HEAD gets the head alone, and the connection goes on")
        func head() async throws {
            let source = TestSource([.bytes(block("x"))])
            let handler = TestHandler(answer: { request in
                request.path == "/full"
                    ? .full(ResponseHead(status: 200), body: Array("body".utf8))
                    : .stream(ResponseHead(status: 200), source: source)
            })
            try await withServer(handler) { port in
                let client = try TestClient(port: port)
                try client.request("HEAD", "/full")
                #expect(try client.readResponse(isHEAD: true).fields["content-length"] == "4")
                try client.request("HEAD", "/stream")
                #expect(
                    try client.readResponse(isHEAD: true).fields["transfer-encoding"] == "chunked")
                #expect(source.closing.wait())
                #expect(source.opening.count == 0)
                try client.request("GET", "/full")
                #expect(try client.readResponse().text == "body")
            }
        }

        @Test("HTTP/1.0 and Connection: close end the connection after the answer")
        func closes() async throws {
            try await withServer(TestHandler()) { port in
                let old = try TestClient(port: port)
                try old.send("GET / HTTP/1.0\r\n\r\n")
                #expect(try old.readResponse().fields["connection"] == "close")
                #expect(try old.readToEnd().isEmpty)
                let closing = try TestClient(port: port)
                try closing.request("GET", "/", "Connection: close\r\n")
                #expect(try closing.readResponse().text == "ok")
                #expect(try closing.readToEnd().isEmpty)
                let kept = try TestClient(port: port)
                for _ in 0..<2 {
                    try kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                    #expect(try kept.readResponse().fields["connection"] == "keep-alive")
                }
            }
        }

        @Test("Fields of a response cannot break out of their lines")
        func injection() async throws {
            let handler = TestHandler(answer: { _ in
                .full(
                    ResponseHead(
                        status: 200,
                        fields: [
                            HeaderField("X-Name", "a\r\nEvil: b"), HeaderField("Date", "never"),
                        ]),
                    body: [])
            })
            try await withServer(handler) { port in
                let client = try TestClient(port: port)
                try client.request("GET", "/")
                let response = try client.readResponse()
                #expect(response.fields["evil"] == nil)
                #expect(response.fields["x-name"] == "a  Evil: b")
                #expect(response.fields["date"]?.hasSuffix("GMT") == true)
            }
        }

        @Test("A client that goes away cancels its handler")
        func cancellation() async throws {
            let started = Event()
            let cancelled = Event()
            let source = TestSource()
            let handler = TestHandler(answer: { _ in
                started.signal()
                let (stream, continuation) = AsyncStream<Void>.makeStream()
                await withTaskCancellationHandler {
                    for await _ in stream {}
                } onCancel: {
                    continuation.finish()
                }
                cancelled.signal()
                return .stream(ResponseHead(status: 200), source: source)
            })
            try await withServer(handler) { port in
                do {
                    let client = try TestClient(port: port)
                    try client.request("GET", "/")
                    #expect(started.wait())
                }
                #expect(cancelled.wait())
                #expect(source.closing.wait())
                #expect(source.opening.count == 0)
            }
        }
    }
}

/// Carries a value that cannot be copied into closures.
final class Box<Value: ~Copyable & Sendable>: Sendable {
    let value: Value

    init(_ value: consuming Value) {
        self.value = value
    }
}
