import HTTPClient
import Testing

extension WireTests {
    @Suite struct HTTPClientTests {
        @Test func aChunkedBodyArrivesWhole() async throws {
            try await withServer { connection in
                guard connection.request() != nil else { return }
                connection.beginChunked()
                for word in ["one ", "two ", "three", ""] { connection.chunk(word) }
            } _: { server, client in
                let response = try await client.send(HTTPRequest(url: server.url))
                #expect(response.status == 200)
                #expect(response.httpVersion == "1.1")
                #expect(response.field("TRANSFER-encoding") == "chunked")
                #expect(try await text(response.body) == "one two three")
                #expect(try await response.body.next() == nil)
            }
        }

        @Test(arguments: [
            ("204 No Content", 204, ""), ("404 Not Found", 404, "no such pod"),
            ("302 Found", 302, "elsewhere"), ("500 Internal Server Error", 500, "oh"),
        ])
        func anyStatusIsAResponse(line: String, status: Int, body: String) async throws {
            try await withServer { connection in
                guard connection.request() != nil else { return }
                if status == 204 {
                    connection.send("HTTP/1.1 204 No Content\r\n\r\n")
                } else {
                    connection.respond(line, fields: "Location: /other\r\n", body)
                }
            } _: { server, client in
                let response = try await client.send(HTTPRequest(url: server.url))
                #expect(response.status == status)
                #expect(try await text(response.body) == body)
            }
        }

        @Test func redirectsAreFollowedOnRequest() async throws {
            try await withServer { connection in
                while let request = connection.request() {
                    if request.path == "/final" {
                        connection.respond("200 OK", "arrived")
                    } else {
                        connection.respond("302 Found", fields: "Location: /final\r\n", "go on")
                    }
                }
            } _: { server, client in
                var request = HTTPRequest(url: server.url + "/first")
                request.followRedirects = true
                let response = try await client.send(request)
                #expect(response.status == 200)
                #expect(try await text(response.body) == "arrived")
            }
        }

        @Test func informationalHeadsAndTrailersAreNotTheHead() async throws {
            try await withServer { connection in
                guard connection.request() != nil else { return }
                connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
                connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n")
                connection.send("2\r\nok\r\n0\r\nChecksum: 7\r\n\r\n")
            } _: { server, client in
                let response = try await client.send(HTTPRequest(url: server.url))
                #expect(response.status == 200)
                #expect(response.fields.map(\.name) == ["Transfer-Encoding", "A"])
                #expect(try await text(response.body) == "ok")
            }
        }

        @Test(arguments: [HTTPMethod.post, .put, .patch, .delete])
        func aBodyIsSentWithItsLengthAndNothingElse(method: HTTPMethod) async throws {
            try await withServer { connection in
                guard let request = connection.request() else { return }
                let odd = request.fields.keys.filter { ["expect", "content-type"].contains($0) }
                let sent = String(decoding: request.body, as: UTF8.self)
                let mark = request.fields["x-mark"] ?? "-"
                connection.respond("200 OK", "\(request.method) \(mark) \(sent) \(odd)")
            } _: { server, client in
                let request = HTTPRequest(
                    method: method, url: server.url + "/x",
                    fields: [HTTPField(name: "X-Mark", value: "m")], body: Array("{}".utf8))
                let response = try await client.send(request)
                #expect(try await text(response.body) == "\(method.rawValue) m {} []")
            }
        }

        @Test func aHeadRequestHasNoBody() async throws {
            try await withServer { connection in
                guard let request = connection.request(), request.method == "HEAD" else { return }
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
            } _: { server, client in
                let response = try await client.send(HTTPRequest(method: .head, url: server.url))
                #expect(response.field("content-length") == "5000")
                #expect(try await response.body.next() == nil)
            }
        }

        @Test func aConnectionIsUsedAgain() async throws {
            try await withServer { connection in
                while connection.request() != nil { connection.respond("200 OK", "x") }
            } _: { server, client in
                for _ in 0..<20 {
                    let response = try await client.send(HTTPRequest(url: server.url))
                    #expect(try await text(response.body) == "x")
                }
                #expect(server.accepted == 1)
                #expect(client.statistics.openConnections == 1)
                #expect(client.statistics.requestsStarted == 20)
                #expect(client.statistics.activeTransfers == 0)
            }
        }

        @Test func aConnectionOfItsOwnIsClosedBehindTheTransfer() async throws {
            try await withServer { connection in
                while connection.request() != nil { connection.respond("200 OK", "x") }
            } _: { server, client in
                let request = HTTPRequest(url: server.url, ownConnection: true)
                for _ in 0..<3 { _ = try await text(client.send(request).body) }
                #expect(server.accepted == 3)
                #expect(client.statistics.openConnections == 0)
            }
        }

        @Test(arguments: [
            "", "pods", "ftp://localhost/", "http://a b/", "http:///x", "http://h:x/",
        ])
        func aBadURLIsRefused(url: String) async throws {
            try await withServer { _ in
            } _: { _, client in
                let code = await code { _ = try await client.send(HTTPRequest(url: url)) }
                #expect(code == .badRequest)
            }
        }

        @Test(arguments: [("a\r\nb", "v"), ("a", "v\nx: y"), ("", "v"), ("a b", "v")])
        func aFieldThatWouldBreakTheRequestIsRefused(name: String, value: String) async throws {
            try await withServer { _ in
            } _: { server, client in
                let field = HTTPField(name: name, value: value)
                let request = HTTPRequest(url: server.url, fields: [field])
                #expect(await code { _ = try await client.send(request) } == .badRequest)
                #expect(server.accepted == 0)
            }
        }

        @Test func anUnreachableServerIsAConnectError() async throws {
            try await withServer { _ in
            } _: { _, client in
                // Beside the other server, or that one could get the port.
                let server = try TestServer { _ in }
                server.stop()
                let code = await code { _ = try await client.send(HTTPRequest(url: server.url)) }
                #expect(code == .connect)
            }
        }

        @Test func anUnknownHostIsAResolveError() async throws {
            try await withServer { _ in
            } _: { _, client in
                // A resolver whose servers do not answer takes its time to say so.
                let request = HTTPRequest(
                    url: "http://no-such-host.invalid/",
                    timeouts: HTTPTimeouts(connect: .seconds(120), responseHead: .seconds(120)))
                #expect(await code { _ = try await client.send(request) } == .resolve)
            }
        }

        @Test func whatIsNotHTTPIsAProtocolError() async throws {
            try await withServer { connection in
                guard connection.request() != nil else { return }
                connection.send("220 mail ready\r\n")
            } _: { server, client in
                let code = await code { _ = try await client.send(HTTPRequest(url: server.url)) }
                #expect(code == .protocolError)
            }
        }

        @Test func anErrorSaysWhatWasDoneWithoutSecrets() async throws {
            try await withServer { _ in
            } _: { _, client in
                let server = try TestServer { _ in }
                server.stop()
                let url = "http://user:secret@127.0.0.1:\(server.port)/path?token=secret"
                do {
                    _ = try await client.send(HTTPRequest(url: url))
                    Issue.record("nobody listens there")
                } catch let error as HTTPClientError {
                    #expect(error.operation == "GET http://127.0.0.1:\(server.port)/path")
                    #expect(error.isRetriable)
                    #expect(!error.description.contains("secret"))
                }
            }
        }
    }
}
