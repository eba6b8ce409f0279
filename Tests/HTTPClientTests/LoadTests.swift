import HTTPClient
import Synchronization
import Testing

extension WireTests {
    @Suite struct LoadTests {
        @Test func openingAndClosingAThousandTimesLeavesNothingBehind() async throws {
            let server = try TestServer { connection in
                while connection.request() != nil { connection.respond("200 OK", "x") }
            }
            func round() async throws {
                let client = try makeClient()
                let body = try await client.send(HTTPRequest(url: server.url)).body
                #expect(try await body.collect(upTo: 1) == [120])
                await client.close()
            }
            for _ in 0..<50 { try await round() }
            server.stop()
            let descriptors = openDescriptors()
            let running = threads()
            let memory = residentBytes()

            for _ in 0..<1_000 {
                let client = try makeClient()
                await client.close()
            }
            #expect(openDescriptors() <= descriptors)
            #expect(threads() <= running + 8)
            #expect(isSanitized || residentBytes() - memory < 32 << 20)
        }

        @Test func twoThousandBodiesStreamAtOnce() async throws {
            let count = 2_000
            let waiting = WaitingConnections()
            var settings = HTTPClientSettings()
            settings.receiveBufferBytes = 4_096
            // All are asked at once, so the last one waits for all the others' connections.
            let patience = HTTPTimeouts(connect: .seconds(120), responseHead: .seconds(120))
            try await withServer(
                { connection in
                    guard connection.request() != nil else { return }
                    connection.beginChunked()
                    waiting.append(connection)
                    connection.waitForEnd()
                }, settings: settings
            ) { server, client in
                try await withThrowingTaskGroup(of: String.self) { group in
                    for _ in 0..<count {
                        group.addTask {
                            let response = try await client.send(
                                HTTPRequest(url: server.url, timeouts: patience))
                            return try await text(response.body)
                        }
                    }
                    while waiting.all.count < count { await Task.yield() }
                    #expect(client.statistics.activeTransfers == count)
                    let connections = waiting.all
                    for part in ["one ", "two ", "three"] {
                        for connection in connections { connection.chunk(part) }
                    }
                    for connection in connections { connection.chunk("") }
                    for try await text in group { #expect(text == "one two three") }
                }
                #expect(client.statistics.activeTransfers == 0)
            }
        }

        @Test func aQuietClientUsesNoTime() async throws {
            try await withServer { connection in
                guard connection.request() != nil else { return }
                connection.beginChunked()
                connection.waitForEnd()
            } _: { server, client in
                let body = try await client.send(HTTPRequest(url: server.url)).body
                let clock = ContinuousClock.now
                let before = threadTime(named: "podwire-curl")
                while ContinuousClock.now - clock < .milliseconds(300) {
                    await Task.yield()
                }
                #expect(threadTime(named: "podwire-curl") - before <= 2)
                body.cancel()
            }
        }
    }
}

/// Connections whose heads are sent and whose bodies are still to come.
private final class WaitingConnections: Sendable {
    private let connections = Mutex<[Connection]>([])

    var all: [Connection] { connections.withLock { $0 } }

    func append(_ connection: Connection) {
        connections.withLock { $0.append(connection) }
    }
}
