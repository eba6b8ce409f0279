import HTTPClient
import Logging
import Testing

/// Everything that opens sockets. One at a time, because some of these tests count descriptors and
/// memory of the whole process.
@Suite(.serialized, .timeLimit(.minutes(10))) enum WireTests {}

/// Runs a test with a server and a client, and closes both in any case.
func withServer<Result>(
    _ handler: @escaping @Sendable (Connection) -> Void,
    settings: HTTPClientSettings = HTTPClientSettings(),
    _ body: (TestServer, HTTPClient) async throws -> Result
) async throws -> Result {
    let server = try TestServer(handler)
    let client = try makeClient(settings)
    let result: Swift.Result<Result, any Error>
    do {
        result = .success(try await body(server, client))
    } catch {
        result = .failure(error)
    }
    await client.close()
    server.stop()
    return try result.get()
}

/// A client that the test closes itself.
func makeClient(_ settings: HTTPClientSettings = HTTPClientSettings()) throws -> HTTPClient {
    try HTTPClient(settings, logger: Logger(label: "test"))
}

/// The code of the error that the work throws.
func code(of work: () async throws -> Void) async -> HTTPClientError.Code? {
    do {
        try await work()
        return nil
    } catch {
        return (error as? HTTPClientError)?.code
    }
}

/// A body as text.
func text(_ body: HTTPBody) async throws -> String {
    String(decoding: try await body.collect(upTo: 1 << 24), as: UTF8.self)
}
