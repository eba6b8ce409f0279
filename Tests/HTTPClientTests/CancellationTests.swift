import HTTPClient
import Testing

extension WireTests {
    @Suite struct CancellationTests {
        @Test func aTaskCancelledBeforeTheStartSendsNothing() async throws {
            try await withServer { connection in
                connection.waitForEnd()
            } _: { server, client in
                let task = Task {
                    while !Task.isCancelled { await Task.yield() }
                    _ = try await client.send(HTTPRequest(url: server.url))
                }
                task.cancel()
                #expect(await code { try await task.value } == .cancelled)
                #expect(server.accepted == 0)
            }
        }

        @Test func aTaskCancelledWhileItWaitsForTheHeadEndsTheTransfer() async throws {
            let asked = try Gate()
            let gone = try Gate()
            try await withServer { connection in
                _ = connection.request()
                asked.open()
                connection.waitForEnd()
                gone.open()
            } _: { server, client in
                let task = Task { _ = try await client.send(HTTPRequest(url: server.url)) }
                await asked.passed()
                task.cancel()
                #expect(await code { try await task.value } == .cancelled)
                await gone.passed()
            }
        }

        @Test func aTaskCancelledWhileItWaitsForBytesEndsTheTransfer() async throws {
            let gone = try Gate()
            try await withServer { connection in
                guard connection.request() != nil else { return }
                connection.beginChunked()
                connection.chunk("first")
                connection.waitForEnd()
                gone.open()
            } _: { server, client in
                let body = try await client.send(HTTPRequest(url: server.url)).body
                #expect(try await body.next() == Array("first".utf8))
                let task = Task { _ = try await body.next() }
                task.cancel()
                #expect(await code { try await task.value } == .cancelled)
                await gone.passed()
                #expect(await code { _ = try await body.next() } == .cancelled)
            }
        }

        @Test func cancellingABodyDropsItsBytes() async throws {
            let gone = try Gate()
            try await withServer { connection in
                guard connection.request() != nil else { return }
                connection.beginChunked()
                connection.chunk("first")
                connection.waitForEnd()
                gone.open()
            } _: { server, client in
                let body = try await client.send(HTTPRequest(url: server.url)).body
                body.cancel()
                body.cancel()
                #expect(await code { _ = try await body.next() } == .cancelled)
                await gone.passed()
            }
        }

        @Test func droppingABodyEndsTheTransfer() async throws {
            let gone = try Gate()
            try await withServer { connection in
                guard connection.request() != nil else { return }
                connection.beginChunked()
                connection.waitForEnd()
                gone.open()
            } _: { server, client in
                let status = try await client.send(HTTPRequest(url: server.url)).status
                #expect(status == 200)
                await gone.passed()
            }
        }

        @Test func aHeldTransferCanBeCancelled() async throws {
            let gone = try Gate()
            try await withServer { connection in
                guard connection.request() != nil else { return }
                connection.beginChunked()
                while connection.chunk(String(repeating: "x", count: 10_000)) {}
                gone.open()
            } _: { server, client in
                let request = HTTPRequest(url: server.url, bodyLimit: 1_000)
                let body = try await client.send(request).body
                while client.statistics.holds == 0 { await Task.yield() }
                body.cancel()
                await gone.passed()
            }
        }

        @Test func completionAndCancellationMayMeetAtAnyMoment() async throws {
            try await withServer { connection in
                while connection.request() != nil { connection.respond("200 OK", "body") }
            } _: { server, client in
                for round in 0..<500 {
                    let task = Task { () throws -> String in
                        let response = try await client.send(HTTPRequest(url: server.url))
                        return try await text(response.body)
                    }
                    for _ in 0..<(round % 40) { await Task.yield() }
                    task.cancel()
                    let code = await code {
                        let text = try await task.value
                        #expect(text == "body")
                    }
                    #expect(code == nil || code == .cancelled)
                }
            }
        }

        @Test func closingTheClientEndsEverything() async throws {
            let asked = try Gate()
            let server = try TestServer { connection in
                guard let request = connection.request() else { return }
                if request.path == "/body" {
                    connection.beginChunked()
                    connection.chunk("first")
                }
                asked.open()
                connection.waitForEnd()
            }
            let client = try makeClient()
            let body = try await client.send(HTTPRequest(url: server.url + "/body")).body
            let head = Task { _ = try await client.send(HTTPRequest(url: server.url + "/head")) }
            await asked.passed()
            await asked.passed()
            async let first: Void = client.close()
            async let second: Void = client.close()
            _ = await (first, second)
            #expect(await code { try await head.value } == .closed)
            #expect(try await body.next() == Array("first".utf8))
            #expect(await code { _ = try await body.next() } == .closed)
            #expect(
                await code { _ = try await client.send(HTTPRequest(url: server.url)) } == .closed)
            server.stop()
        }
    }
}
