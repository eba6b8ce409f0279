import Foundation
import SystemTools
import Testing
import WebServer

extension ServerTests {
    @Suite("TLS", .timeLimit(.minutes(5)))
    struct TLSTests {
        private func withTLS(
            _ handler: TestHandler = EveryAnswer.handler,
            _ adjust: (inout WebServerSettings) -> Void = { _ in },
            _ body: @escaping @Sendable (Int, TestIdentity) throws -> Void
        ) async throws {
            let identity = try TestIdentity()
            try await withServer(
                handler,
                {
                    $0.tls = identity.settings
                    adjust(&$0)
                }
            ) { port in
                try body(port, identity)
            }
        }

        @Test("Every kind of answer is the same as over HTTP/1.1", arguments: ["-i", "-I"])
        func answers(_ option: String) async throws {
            try await withTLS { port, identity in
                func fetch(_ version: String) throws -> [String] {
                    let tool = try Tool.run(
                        "/usr/bin/curl",
                        ["-sS", "--max-time", "60", version, option]
                            + ["-w", "\r\n\(version) %{http_code} %{num_connects}\r\n"]
                            + ["--cacert", identity.certificate]
                            + EveryAnswer.paths.map { "https://localhost:\(port)/\($0)" })
                    #expect(tool.status == 0)
                    return tool.text.components(separatedBy: "\r\n")
                }
                let old = try fetch("--http1.1")
                let new = try fetch("--http2")
                #expect(new.count { $0.hasPrefix("HTTP/2 ") } == 9)
                #expect(new.count { $0.hasPrefix("--http2 200 ") } == 6)
                // What differs: the version, the time, and what only HTTP/1.1 has to say.
                let own = ["http/", "--http", "date:", "transfer-encoding:", "connection:"]
                func comparable(_ lines: [String]) -> [String] {
                    lines.map { $0.lowercased() }.filter { line in
                        !own.contains { line.hasPrefix($0) }
                    }
                }
                #expect(comparable(new) == comparable(old))
                #expect(new.count { $0.hasSuffix(" 0") && $0.hasPrefix("--http") } == 8)
            }
        }

        @Test("Many streams of one connection each get their body")
        func parallel() async throws {
            try await withTLS { port, identity in
                let tool = try Tool.curl(
                    "--cacert", identity.certificate, "--parallel", "--parallel-max", "100",
                    "-w", "%{stderr}%{http_version}/%{num_connects} ",
                    "https://localhost:\(port)/blocks?n=[1-50]")
                #expect(tool.status == 0)
                #expect(tool.output.count == 50 * (EveryAnswer.long.count + 1))
                let transfers = tool.complaint.split(separator: " ").filter { $0.hasPrefix("2/") }
                #expect(transfers.count == 50)
                #expect(transfers.count { $0.hasSuffix("/1") } == 1)
            }
        }

        @Test(
            "A body that cannot be completed is an error over TLS as well",
            arguments: [("--http1.1", Int32(18)), ("--http2", 92)])
        func aborts(_ version: String, _ status: Int32) async throws {
            try await withTLS { port, identity in
                let tool = try Tool.curl(
                    version, "--cacert", identity.certificate, "https://localhost:\(port)/abort")
                #expect(tool.status == status)
            }
        }

        @Test("A handler knows that a request came over TLS", arguments: ["--http1.1", "--http2"])
        func secure(_ version: String) async throws {
            let handler = TestHandler(answer: { request in
                .full(ResponseHead(status: 200), body: Array("\(request.isSecure)".utf8))
            })
            try await withTLS(handler) { port, identity in
                let tool = try Tool.curl(
                    version, "--cacert", identity.certificate, "https://localhost:\(port)/")
                #expect(tool.text == "true")
            }
        }

        @Test(
            "TLS 1.2 and 1.3 are spoken, and nothing older",
            arguments: [("-tls1", false), ("-tls1_1", false), ("-tls1_2", true), ("-tls1_3", true)])
        func versions(_ version: String, _ isSpoken: Bool) async throws {
            try await withTLS { port, identity in
                let tool = try Tool.run(
                    "/usr/bin/openssl",
                    [
                        "s_client", "-connect", "localhost:\(port)", "-CAfile",
                        identity.certificate,
                        "-cipher", "ALL:@SECLEVEL=0", version, "-brief",
                    ])
                #expect((tool.status == 0) == isSpoken)
                #expect(tool.complaint.contains("Verification: OK") == isSpoken)
            }
        }

        @Test("A client that offers only other protocols is refused")
        func alpn() async throws {
            try await withTLS { port, identity in
                func offer(_ names: String) throws -> Tool {
                    try Tool.run(
                        "/usr/bin/openssl",
                        ["s_client", "-connect", "localhost:\(port)", "-alpn", names, "-brief"])
                }
                let foreign = try offer("smtp")
                #expect(foreign.status != 0)
                let known = try offer("smtp,http/1.1")
                #expect(known.status == 0)
                withExtendedLifetime(identity) {}
            }
        }

        @Test("Sessions are resumed by tickets")
        func tickets() async throws {
            try await withTLS { port, identity in
                let tool = try Tool.python(
                    """
                    import socket, ssl, sys
                    port, ca = int(sys.argv[1]), sys.argv[2]
                    context = ssl.create_default_context(cafile=ca)
                    session = None
                    for _ in range(3):
                        raw = socket.create_connection(("127.0.0.1", port), 10)
                        with context.wrap_socket(raw, server_hostname="localhost", session=session) as s:
                            s.sendall(b"GET /full HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
                            s.recv(1000)
                            session = s.session
                            print(s.session_reused)
                    """, "\(port)", identity.certificate)
                #expect(tool.text == "False\nTrue\nTrue\n")
            }
        }

        @Test("A WebSocket opens over TLS, and carries long messages both ways")
        func webSockets() async throws {
            let handler = TestHandler(decide: { _ in
                .accept(subprotocol: nil, TestSession(echoes: true))
            })
            try await withTLS(handler, { $0.maxMessageBytes = 1 << 20 }) { port, identity in
                let tool = try Tool.python(
                    """
                    import asyncio, ssl, sys, websockets
                    async def main():
                        context = ssl.create_default_context(cafile=sys.argv[2])
                        url = f"wss://localhost:{sys.argv[1]}/"
                        async with websockets.connect(url, ssl=context) as socket:
                            for size in (1, 20_000, 1_000_000):
                                await socket.send("x" * size)
                                assert await socket.recv() == "x" * size
                    asyncio.run(asyncio.wait_for(main(), 60))
                    """, "\(port)", identity.certificate)
                #expect(tool.status == 0, "\(tool.complaint)")
            }
        }

        @Test("HTTP without TLS is told so in its own terms")
        func plainHTTP() async throws {
            try await withTLS { port, _ in
                let client = try TestClient(port: port)
                try client.request("GET", "/full")
                let response = try client.readResponse()
                #expect(response.status == 400)
                #expect(response.text.contains("HTTPS"))
                #expect(try client.readToEnd().isEmpty)
            }
        }

        @Test("New connections over their address' rate of handshakes are closed at once")
        func handshakes() async throws {
            try await withTLS(
                EveryAnswer.handler,
                {
                    $0.handshakesPerSecond = 1
                    $0.limitsLoopback = true
                }
            ) { port, _ in
                func isAdmitted() throws -> Bool {
                    let client = try TestClient(port: port)
                    do {
                        try client.request("GET", "/full")
                        return try client.readResponse().status == 400
                    } catch let failure as TestClient.Failure where failure != .timedOut {
                        return false
                    }
                }
                for _ in 0..<4 { #expect(try isAdmitted()) }
                // One more is allowed with each second that a busy machine takes.
                var isRefused = false
                for _ in 0..<1_000 where !isRefused { isRefused = try !isAdmitted() }
                #expect(isRefused)
            }
        }

        @Test("Without TLS new connections have no rate")
        func connectionsWithoutTLS() async throws {
            try await withServer(
                TestHandler(),
                {
                    $0.handshakesPerSecond = 1
                    $0.limitsLoopback = true
                }
            ) { port in
                for _ in 0..<20 {
                    let client = try TestClient(port: port)
                    try client.request("GET", "/")
                    #expect(try client.readResponse().text == "ok")
                }
            }
        }

        @Test("What is no TLS, or half a handshake, costs its connection alone")
        func broken() async throws {
            // Long enough for a handshake on a busy machine.
            try await withTLS(EveryAnswer.handler, { $0.handshakeTimeout = .seconds(5) }) {
                port, identity in
                let silent = try TestClient(port: port)
                let half = try TestClient(port: port)
                try half.send([22, 3, 1, 2, 0, 1])
                let garbage = try TestClient(port: port)
                try garbage.send([22, 3, 1, 0, 4, 1, 2, 3, 4])
                // An alert: type 21, level fatal.
                let alert = try garbage.readToEnd()
                #expect(alert.first == 21 && alert.count == 7)
                #expect(try silent.readToEnd().isEmpty)
                #expect(try half.readToEnd().isEmpty)
                let tool = try Tool.curl(
                    "--cacert", identity.certificate, "https://localhost:\(port)/full")
                #expect(tool.text == "full")
            }
        }

        @Test("A thousand connections leave no descriptor and no memory behind")
        func thousand() async throws {
            let script = """
                import socket, ssl, sys
                context = ssl.create_default_context(cafile=sys.argv[2])
                for number in range(int(sys.argv[3])):
                    raw = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
                    s = context.wrap_socket(raw, server_hostname="localhost")
                    if number % 3:
                        s.sendall(b"GET /long HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
                        s.recv(1000)
                    if number % 2:
                        s.close()
                    else:
                        raw.close()
                """
            try await withTLS { port, identity in
                func connect(_ count: Int) throws {
                    let tool = try Tool.python(script, "\(port)", identity.certificate, "\(count)")
                    #expect(tool.status == 0, "\(tool.complaint)")
                }
                try connect(200)
                let descriptors = openDescriptors()
                let memory = residentKiB()
                try connect(1_000)
                // The last client's socket may still be on its way down.
                #expect(settles { openDescriptors() <= descriptors + 1 })
                #expect(isSanitized || residentKiB() - memory < 4 << 10)
            }
        }
    }
}
