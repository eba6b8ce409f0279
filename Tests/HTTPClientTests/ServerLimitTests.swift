import HTTPClient
import Testing

extension WireTests {
    /// What a server of HTTP/2 may do to a connection at any time.
    @Suite struct ServerLimitTests {
        @Test("the 101st stream of a connection: it gets another connection, and an answer")
        func theHundredAndFirstStream() async throws {
            // The server allows 100 streams a connection; the client would put 250 on one.
            var settings = HTTPClientSettings()
            settings.streamsPerConnection = 250
            try await withProxy(settings: settings) { connection in
                guard connection.request() != nil else { return }
                connection.beginChunked()
                connection.chunk("x")
                connection.waitForEnd()
            } _: { proxy, client, transport in
                let request = HTTPRequest(url: proxy.url, transport: transport)
                let bodies = try await open(101, request, client)
                #expect(bodies.count == 101)
                for body in bodies { #expect(try await body.next() == [120]) }
                #expect(client.statistics.openConnections >= 2)
            }
        }

        @Test("GOAWAY: streams in flight go on to their end, the next ones use a new connection")
        func goAway() async throws {
            let gate = try Gate()
            try await withProxy(canRetire: true) { connection in
                guard let request = connection.request() else { return }
                connection.beginChunked()
                connection.chunk("before")
                if request.path == "/long" { gate.wait() }
                connection.chunk(" behind")
                connection.chunk("")
            } _: { proxy, client, transport in
                let long = HTTPRequest(url: proxy.url + "/long", transport: transport)
                let body = try await client.send(long).body
                #expect(try await body.next() == Array("before".utf8))
                proxy.retire()
                #expect(proxy.waitUntilRetiring())
                gate.open()
                #expect(try await text(body) == " behind")
                // The proxy is gone: a new request needs a new connection, and finds nobody.
                let next = await code { _ = try await client.send(long) }
                #expect(next == .connect)
            }
        }
    }
}
