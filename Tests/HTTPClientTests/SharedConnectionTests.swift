import HTTPClient
import Testing

extension WireTests {
    @Suite struct SharedConnectionTests {
        @Test func overTLSTheClientSpeaksHTTP2() async throws {
            try await withProxy { connection in
                while connection.request() != nil { connection.respond("404 Not Found", "none") }
            } _: { proxy, client, transport in
                let response = try await client.send(
                    HTTPRequest(url: proxy.url, transport: transport))
                #expect(response.status == 404)
                #expect(response.httpVersion == "2")
                #expect(try await text(response.body) == "none")
            }
        }

        @Test func fullConnectionsGetCompany() async throws {
            try await withProxy { connection in
                guard connection.request() != nil else { return }
                connection.beginChunked()
                connection.chunk("x")
                connection.waitForEnd()
            } _: { proxy, client, transport in
                let request = HTTPRequest(url: proxy.url, transport: transport)
                let bodies = try await open(200, request, client)
                #expect(bodies.count == 200)
                #expect((20...24).contains(client.statistics.openConnections))
                for body in bodies { #expect(try await body.next() == [120]) }
            }
        }

        @Test func aConnectionOfItsOwnIsNeverShared() async throws {
            try await withProxy { connection in
                guard connection.request() != nil else { return }
                connection.beginChunked()
                connection.waitForEnd()
            } _: { proxy, client, transport in
                let alone = HTTPRequest(url: proxy.url, transport: transport, ownConnection: true)
                let first = try await client.send(alone)
                #expect(first.httpVersion == "1.1")
                let shared = HTTPRequest(url: proxy.url, transport: transport)
                let bodies = try await open(10, shared, client)
                #expect(client.statistics.openConnections == 2)
                let second = try await client.send(alone)
                #expect(client.statistics.openConnections == 3)
                #expect(bodies.count == 10)
                second.body.cancel()
                first.body.cancel()
            }
        }

        @Test func aCutStreamFailsAndItsNeighboursGoOn() async throws {
            let gate = try Gate()
            try await withProxy { connection in
                guard let request = connection.request() else { return }
                connection.beginChunked()
                connection.chunk("some")
                if request.path == "/cut" { return gate.wait() }
                gate.wait()
                connection.chunk(" more")
                connection.chunk("")
            } _: { proxy, client, transport in
                let cut = HTTPRequest(url: proxy.url + "/cut", transport: transport)
                let whole = HTTPRequest(url: proxy.url + "/whole", transport: transport)
                let broken = try await client.send(cut).body
                let good = try await client.send(whole).body
                #expect(try await broken.next() == Array("some".utf8))
                gate.open()
                gate.open()
                #expect(await code { _ = try await broken.next() } == .cut)
                #expect(try await text(good) == "some more")
                #expect(client.statistics.openConnections == 1)
            }
        }

        @Test(arguments: [true, false])
        func aCancelledStreamIsOverForTheServerToo(hasNeighbour: Bool) async throws {
            let gone = try Gate()
            try await withProxy { connection in
                guard let request = connection.request() else { return }
                connection.beginChunked()
                connection.waitForEnd()
                if request.path == "/cancelled" { gone.open() }
            } _: { proxy, client, transport in
                let neighbour = HTTPRequest(url: proxy.url + "/quiet", transport: transport)
                let cancelled = HTTPRequest(url: proxy.url + "/cancelled", transport: transport)
                let quiet = hasNeighbour ? try await client.send(neighbour).body : nil
                try await client.send(cancelled).body.cancel()
                await gone.passed()
                // TLS says goodbye before the socket is closed, and counted.
                while !hasNeighbour, client.statistics.openConnections > 0 { await Task.yield() }
                let connections = client.statistics.openConnections
                #expect(connections == (hasNeighbour ? 1 : 0))
                quiet?.cancel()
            }
        }

        @Test func aHeldStreamDoesNotSpinAndItsNeighboursGoOnWhenItDoes() async throws {
            try await withProxy { connection in
                guard let request = connection.request() else { return }
                connection.beginChunked()
                if request.path == "/big" {
                    let block = String(repeating: "x", count: 65_536)
                    for _ in 0..<64 where !connection.chunk(block) { return }
                    connection.chunk("")
                } else {
                    while connection.chunk("tick") {}
                }
            } _: { proxy, client, transport in
                // It is never held back itself, however much comes while nobody reads it.
                let neighbour = try await client.send(
                    HTTPRequest(
                        url: proxy.url + "/ticks", transport: transport, bodyLimit: 256 << 20)
                ).body
                let held = try await client.send(
                    HTTPRequest(url: proxy.url + "/big", transport: transport, bodyLimit: 65_536)
                ).body
                while client.statistics.holds == 0 { _ = try await neighbour.next() }
                // Until so much has come of the held stream that libcurl stops reading, its
                // neighbour's bytes are work. A loop that spins does so in every half second.
                var used = Int.max
                for _ in 0..<20 where used > 10 {
                    let before = threadTime(named: "podwire-curl")
                    let start = ContinuousClock.now
                    while ContinuousClock.now - start < .milliseconds(500) {
                        await Task.yield()
                    }
                    used = threadTime(named: "podwire-curl") - before
                }
                #expect(used <= 10)
                #expect(try await held.collect(upTo: 1 << 23).count == 64 * 65_536)
                for _ in 0..<20 { #expect(try await neighbour.next() != nil) }
                neighbour.cancel()
            }
        }
    }

    @Suite struct TLSTests {
        @Test func anUnknownAuthorityIsRefused() async throws {
            try await withProxy { connection in
                connection.waitForEnd()
            } _: { proxy, client, _ in
                var transport = HTTPTransport()
                #expect(await codeOfGet(proxy.url, transport, client) == .tls)
                transport.caCertificates = try TLSFixture.shared.get().bytes("stranger.pem")
                #expect(await codeOfGet(proxy.url, transport, client) == .tls)
            }
        }

        @Test func verificationCanBeSwitchedOff() async throws {
            try await withProxy { connection in
                while connection.request() != nil { connection.respond("200 OK", "x") }
            } _: { proxy, client, _ in
                let transport = HTTPTransport(insecureSkipVerify: true)
                #expect(await codeOfGet(proxy.url, transport, client) == nil)
                // The unverified connection is not used for those who verify.
                #expect(await codeOfGet(proxy.url, HTTPTransport(), client) == .tls)
            }
        }

        @Test func anotherServerNameIsVerifiedAndTheHostStays() async throws {
            try await withProxy { connection in
                while let request = connection.request() {
                    connection.respond("200 OK", request.fields["host"] ?? "none")
                }
            } _: { proxy, client, transport in
                var transport = transport
                transport.serverName = "podwire.test"
                let response = try await client.send(
                    HTTPRequest(url: proxy.url, transport: transport))
                #expect(try await text(response.body) == "127.0.0.1:\(proxy.port)")
                transport.serverName = "other.test"
                #expect(await codeOfGet(proxy.url, transport, client) == .tls)
            }
        }

        @Test func aClientCertificateIsSent() async throws {
            try await withProxy(verifyingClients: true) { connection in
                while connection.request() != nil { connection.respond("200 OK", "known") }
            } _: { proxy, client, transport in
                // With TLS 1.3 the refusal comes after the handshake, and may be overtaken by the
                // end of the connection.
                let code = await codeOfGet(proxy.url, transport, client)
                #expect(code == .tls || code == .cut)
                var transport = transport
                transport.clientCertificate = try TLSFixture.shared.get().bytes("client.pem")
                transport.clientKey = try TLSFixture.shared.get().bytes("client.key")
                let response = try await client.send(
                    HTTPRequest(url: proxy.url, transport: transport))
                #expect(try await text(response.body) == "known")
            }
        }

        @Test func aBrokenClientKeyIsATLSError() async throws {
            try await withProxy { connection in
                connection.waitForEnd()
            } _: { proxy, client, transport in
                var transport = transport
                transport.clientCertificate = try TLSFixture.shared.get().bytes("client.pem")
                transport.clientKey = Array("no key".utf8)
                #expect(await codeOfGet(proxy.url, transport, client) == .tls)
            }
        }
    }
}

/// Runs a test with a server behind an HTTP/2 proxy, a client, and a transport that trusts it.
func withProxy(
    verifyingClients: Bool = false, canRetire: Bool = false,
    settings: HTTPClientSettings = HTTPClientSettings(),
    _ handler: @escaping @Sendable (Connection) -> Void,
    _ body: (TLSProxy, HTTPClient, HTTPTransport) async throws -> Void
) async throws {
    let fixture = try TLSFixture.shared.get()
    let transport = HTTPTransport(caCertificates: try fixture.bytes("ca.pem"))
    try await withServer(handler, settings: settings) { server, client in
        let proxy = try TLSProxy(
            before: server, fixture, verifyingClients: verifyingClients, canRetire: canRetire)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(proxy, client, transport))
        } catch {
            result = .failure(error)
        }
        await client.close()
        proxy.stop()
        try result.get()
    }
}

/// Sends many requests at once and waits for their heads.
func open(
    _ count: Int, _ request: HTTPRequest, _ client: HTTPClient
) async throws -> [HTTPBody] {
    try await withThrowingTaskGroup(of: HTTPBody.self) { group in
        for _ in 0..<count { group.addTask { try await client.send(request).body } }
        return try await group.reduce(into: []) { $0.append($1) }
    }
}

private func codeOfGet(
    _ url: String, _ transport: HTTPTransport, _ client: HTTPClient
) async -> HTTPClientError.Code? {
    await code {
        _ = try await text(client.send(HTTPRequest(url: url, transport: transport)).body)
    }
}
