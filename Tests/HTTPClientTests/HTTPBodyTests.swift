import HTTPClient
import Testing

extension WireTests {
    @Suite struct HTTPBodyTests {
        @Test func bytesArriveWhileTheServerStillWrites() async throws {
            let gate = try Gate()
            try await withServer { connection in
                guard connection.request() != nil else { return }
                connection.beginChunked()
                for word in ["a", "b", "c"] {
                    gate.wait()
                    connection.chunk(word)
                }
                connection.chunk("")
            } _: { server, client in
                let body = try await client.send(HTTPRequest(url: server.url)).body
                for word in ["a", "b", "c"] {
                    gate.open()
                    #expect(try await body.next() == Array(word.utf8))
                }
                #expect(try await body.next() == nil)
            }
        }

        @Test(arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\nhalf",
        ])
        func aCutBodyGivesItsBytesAndThenFails(response: String) async throws {
            try await withServer { connection in
                guard connection.request() != nil else { return }
                connection.send(response)
            } _: { server, client in
                let body = try await client.send(HTTPRequest(url: server.url)).body
                #expect(try await body.next() == Array("half".utf8))
                for _ in 0..<2 {
                    #expect(await code { _ = try await body.next() } == .cut)
                }
            }
        }

        @Test func aBodyWithoutLengthEndsWithItsConnection() async throws {
            try await withServer { connection in
                guard connection.request() != nil else { return }
                connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it")
            } _: { server, client in
                let response = try await client.send(HTTPRequest(url: server.url))
                #expect(try await text(response.body) == "all of it")
            }
        }

        @Test func aConnectionThatEndsBeforeTheHeadIsCut() async throws {
            try await withServer { connection in
                _ = connection.request()
            } _: { server, client in
                let code = await code { _ = try await client.send(HTTPRequest(url: server.url)) }
                #expect(code == .cut)
            }
        }

        @Test func aSlowReaderHoldsTheServerBackAndLosesNothing() async throws {
            let block = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            let total = block.count * 40
            try await withServer { connection in
                guard connection.request() != nil else { return }
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
                for _ in 0..<40 where !connection.send(block) { return }
            } _: { server, client in
                let request = HTTPRequest(url: server.url, bodyLimit: 64 * 1_024)
                let body = try await client.send(request).body
                // Nobody reads until libcurl has been held back.
                while client.statistics.holds == 0 { await Task.yield() }
                var received: [UInt8] = []
                while let bytes = try await body.next() {
                    #expect(bytes.count <= 64 * 1_024 + 16 * 1_024)
                    received += bytes
                }
                #expect(received == Array(repeatElement(block, count: 40).joined()))
            }
        }

        @Test func aHeldBodyOfOneChunkEndsCleanly() async throws {
            try await withServer { connection in
                guard connection.request() != nil else { return }
                connection.beginChunked()
                for _ in 0..<50 { connection.chunk("0123456789") }
                connection.chunk("")
            } _: { server, client in
                let request = HTTPRequest(url: server.url, bodyLimit: 1)
                let body = try await client.send(request).body
                #expect(try await body.collect(upTo: 500).count == 500)
            }
        }

        @Test func aBigBodyNeedsNoMoreMemoryThanItsBound() async throws {
            let total = 256 << 20
            try await withServer { connection in
                guard connection.request() != nil else { return }
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
                let block = [UInt8](repeating: 7, count: 1 << 20)
                for _ in 0..<256 where !connection.send(block) { return }
            } _: { server, client in
                let request = HTTPRequest(url: server.url)
                let body = try await client.send(request).body
                var count = 0
                var mostWaiting = 0
                while let bytes = try await body.next() {
                    // What is in the client: this, and what it has received since.
                    count += bytes.count
                    mostWaiting = max(mostWaiting, client.statistics.bytesReceived - count)
                    #expect(bytes.count <= request.bodyLimit + 16 * 1_024)
                }
                #expect(count == total)
                #expect(mostWaiting <= request.bodyLimit + 16 * 1_024)
            }
        }

        @Test func collectRefusesALongerBody() async throws {
            try await withServer { connection in
                guard connection.request() != nil else { return }
                connection.respond("200 OK", "0123456789")
            } _: { server, client in
                let body = try await client.send(HTTPRequest(url: server.url)).body
                #expect(await code { _ = try await body.collect(upTo: 9) } == .bodyTooLarge)
            }
        }
    }
}
