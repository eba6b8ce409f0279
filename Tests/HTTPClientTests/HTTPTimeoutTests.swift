import HTTPClient
import Testing

extension WireTests {
    @Suite struct HTTPTimeoutTests {
        @Test func aServerThatNeverAnswersIsATimeoutOfTheHead() async throws {
            try await withServer { connection in
                _ = connection.request()
                connection.waitForEnd()
            } _: { server, client in
                var request = HTTPRequest(url: server.url)
                request.timeouts.responseHead = .milliseconds(50)
                #expect(await code { _ = try await client.send(request) } == .timeoutHead)
                #expect(client.statistics.activeTransfers == 0)
            }
        }

        @Test func halfAHeadIsATimeoutOfTheHead() async throws {
            try await withServer { connection in
                _ = connection.request()
                connection.send("HTTP/1.1 200 OK\r\nContent-")
                connection.waitForEnd()
            } _: { server, client in
                var request = HTTPRequest(url: server.url)
                request.timeouts.responseHead = .milliseconds(50)
                #expect(await code { _ = try await client.send(request) } == .timeoutHead)
            }
        }

        @Test func aSilentBodyIsATimeoutOnlyWhereAsked() async throws {
            let gate = try Gate()
            try await withServer { connection in
                guard let request = connection.request() else { return }
                // In one piece: between two the machine may be silent for longer than is borne.
                connection.send(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
                if request.path == "/silent" { return connection.waitForEnd() }
                gate.wait()
                connection.chunk("second")
                connection.chunk("")
            } _: { server, client in
                var impatient = HTTPRequest(url: server.url + "/silent")
                impatient.timeouts.idle = .milliseconds(50)
                let body = try await client.send(impatient).body
                #expect(try await body.next() == Array("first".utf8))
                #expect(await code { _ = try await body.next() } == .timeoutIdle)

                let other = try await client.send(HTTPRequest(url: server.url)).body
                #expect(try await other.next() == Array("first".utf8))
                gate.open()
                #expect(try await other.next() == Array("second".utf8))
                #expect(try await other.next() == nil)
            }
        }

        @Test func aBodyThatKeepsComingMeetsTheTotalLimit() async throws {
            try await withServer { connection in
                guard connection.request() != nil else { return }
                connection.beginChunked()
                while connection.chunk("tick") {}
            } _: { server, client in
                var request = HTTPRequest(url: server.url)
                request.timeouts.idle = .seconds(5)
                request.timeouts.total = .milliseconds(100)
                let code = await code {
                    let body = try await client.send(request).body
                    while try await body.next() != nil {}
                }
                #expect(code == .timeoutTotal)
            }
        }

        @Test func aReaderThatPausesIsNotSilence() async throws {
            try await withServer { connection in
                guard connection.request() != nil else { return }
                // In one piece, which the kernel takes at once: the server's part is done.
                let head = "HTTP/1.1 200 OK\r\nContent-Length: 30000\r\n\r\n"
                connection.send(Array(head.utf8) + [UInt8](repeating: 1, count: 30_000))
                connection.waitForEnd()
            } _: { server, client in
                var request = HTTPRequest(url: server.url, bodyLimit: 1_000)
                request.timeouts.idle = .milliseconds(40)
                let body = try await client.send(request).body
                while client.statistics.holds == 0 { await Task.yield() }
                let start = ContinuousClock.now
                while ContinuousClock.now - start < .milliseconds(120) { await Task.yield() }
                #expect(try await body.collect(upTo: 30_000).count == 30_000)
            }
        }

        @Test func aHandshakeThatStallsIsATimeoutOfTheConnection() async throws {
            try await withServer { connection in
                connection.waitForEnd()
            } _: { server, client in
                var request = HTTPRequest(url: "https://127.0.0.1:\(server.port)/")
                request.timeouts.connect = .milliseconds(50)
                #expect(await code { _ = try await client.send(request) } == .timeoutConnect)
            }
        }
    }
}
