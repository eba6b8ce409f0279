import ByteBlocks
import Testing
import WebServer

extension ServerTests {
    @Suite("The server's life", .timeLimit(.minutes(5)))
    struct WebServerTests {
        @Test("An occupied port is named in the error")
        func occupied() async throws {
            let first = try await startServer(TestHandler())
            await #expect {
                _ = try await startServer(TestHandler()) { $0.port = first.port }
            } throws: { error in
                "\(error)" == "cannot listen on 127.0.0.1:\(first.port): address already in use"
            }
            await first.stop(closing: 1001, reason: "")
            let second = try await startServer(TestHandler()) { $0.port = first.port }
            #expect(second.port == first.port)
            await second.stop(closing: 1001, reason: "")
        }

        @Test(
            "An address that is none is named in the error",
            arguments: ["256.0.0.1", "no.such.host.invalid"])
        func badAddress(_ address: String) async throws {
            await #expect {
                _ = try await startServer(TestHandler()) { $0.address = address }
            } throws: { error in
                "\(error)".hasPrefix("cannot listen on \(address):0: ")
            }
        }

        @Test("Stop closes WebSockets with code and reason, and waits for their answer")
        func stopTellsWebSockets() async throws {
            let session = TestSession()
            let server = try await startServer(
                TestHandler(decide: { _ in .accept(subprotocol: nil, session) }))
            let opened = Event()
            async let closed = blocking {
                let client = try TestClient(port: server.port)
                try client.upgrade()
                let start = ContinuousClock.now
                opened.signal()
                let frame = try client.readFrame()
                do {
                    try client.sendFrame(8, [0x03, 0xE9])
                    let rest = try client.readToEnd()
                    #expect(rest.isEmpty)
                } catch TestClient.Failure.connectionReset {
                    // The server waits for 1.5 s; an answer that the machine delays for longer
                    // finds it gone.
                    #expect(ContinuousClock.now - start > .seconds(1))
                }
                return frame
            }
            #expect(await onThread { opened.wait() })
            await server.stop(closing: 1001, reason: "going away")
            let frame = try await closed
            #expect(frame.code == 1001)
            #expect(frame.reason == "going away")
            #expect(session.closing.count == 1)
        }

        @Test("Stop cuts streams, so that no client takes them for complete")
        func stopCutsStreams() async throws {
            let source = TestSource([.bytes(block("half"))])
            let server = try await startServer(
                TestHandler(answer: { _ in .stream(ResponseHead(status: 200), source: source) }))
            let handed = try await blocking {
                let client = try TestClient(port: server.port)
                try client.request("GET", "/")
                _ = try client.readHead()
                #expect(try client.readChunk() == Array("half".utf8))
                return Handover(client)
            }
            await server.stop(closing: 1001, reason: "")
            await #expect(throws: TestClient.Failure.endedEarly(received: "")) {
                try await blocking { try handed.value.readChunk() }
            }
            #expect(source.closing.count == 1)
            source.wake?.wake()
        }

        @Test("Stop is bounded in time, whatever the clients do, and may be called again")
        func stopIsBounded() async throws {
            let session = TestSession(
                rest: .binary(ByteBlock([UInt8](repeating: 0, count: 1 << 20))))
            let server = try await startServer(
                TestHandler(decide: { _ in .accept(subprotocol: nil, session) }))
            let (silent, stuck) = try await blocking {
                let silent = try TestClient(port: server.port)
                let stuck = try TestClient(port: server.port, receiveBuffer: 4_096)
                try stuck.upgrade()
                return (Handover(silent), Handover(stuck))
            }
            let start = ContinuousClock.now
            async let first: Void = server.stop(closing: 1001, reason: "")
            async let second: Void = server.stop(closing: 1001, reason: "")
            _ = await (first, second)
            await server.stop(closing: 1001, reason: "")
            // Two seconds, and what a busy machine adds; without a bound it would be the five minutes
            // for which a client may take nothing.
            #expect(ContinuousClock.now - start < .seconds(20))
            #expect(session.closing.count == 1)
            let rest = try await blocking { try silent.value.readToEnd() }
            #expect(rest.isEmpty)
            #expect(throws: TestClient.Failure.cannotConnect(111)) {
                try TestClient(port: server.port)
            }
            withExtendedLifetime(stuck) {}
        }

        @Test("Connections over the limit wait until one closes")
        func connectionLimit() async throws {
            try await withServer(TestHandler(), { $0.maxConnections = 2 }) { port in
                var first: TestClient? = try TestClient(port: port)
                let second = try TestClient(port: port)
                for client in [first, second] {
                    try client?.request("GET", "/")
                    #expect(try client?.readResponse().text == "ok")
                }
                let third = try TestClient(port: port)
                try third.request("GET", "/")
                first = nil
                #expect(try third.readResponse().text == "ok")
            }
        }

        @Test(
            "Starting and stopping a thousand times leaves no thread, descriptor or memory behind")
        func thousandTimes() async throws {
            func cycle(_ number: Int) async throws {
                let server = try await startServer(TestHandler())
                if number % 10 == 0 {
                    try await blocking {
                        let client = try TestClient(port: server.port)
                        try client.request("GET", "/")
                        #expect(try client.readResponse().text == "ok")
                    }
                }
                await server.stop(closing: 1001, reason: "")
            }
            for number in 0..<100 { try await cycle(number) }
            let descriptors = openDescriptors()
            let memory = residentKiB()
            for number in 0..<900 { try await cycle(number) }
            #expect(openDescriptors() <= descriptors)
            #expect(settles { serverThreads() == 0 })
            #expect(isSanitized || residentKiB() - memory < 16 << 10)
        }

        @Test("An idle server uses no CPU, and a dropped one stops by itself")
        func idle() async throws {
            let source = TestSource()
            let handler = TestHandler(answer: { _ in
                .stream(ResponseHead(status: 200), source: source)
            })
            var server: WebServer? = try await startServer(handler)
            let port = try #require(server?.port)
            let handed = try await blocking {
                let client = try TestClient(port: port)
                try client.request("GET", "/")
                #expect(try client.readHead().status == 200)
                return Handover(client)
            }
            let (isSilent, used) = await onThread {
                let before = source.serverTime
                return (handed.value.isSilent(milliseconds: 500), source.serverTime - before)
            }
            #expect(isSilent)
            #expect(used < .milliseconds(20))
            server = nil
            let rest = try await blocking { try handed.value.readToEnd() }
            #expect(rest.isEmpty)
        }
    }
}
