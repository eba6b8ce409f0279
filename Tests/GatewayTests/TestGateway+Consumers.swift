import LogModel

@testable import Gateway
@testable import Store

extension TestGateway {
    private struct Change: Encodable, Sendable {
        let to: String
    }

    /// Appends events of a job to the feed, all in one commit.
    func emit(_ count: Int, _ type: EventType = .jobStatus, job: String = "build") async throws {
        try await store.write { transaction in
            for _ in 0..<count {
                try transaction.append(
                    event: type, key: JobKey(namespace: "default", workflow: "w", job: job),
                    data: Change(to: "running"))
            }
        }
    }

    /// Sends a request with a body.
    func send(
        _ method: String, _ target: String, _ body: String = "", fields: [String] = []
    ) async throws -> RawResponse {
        let client = try client()
        try client.request(
            target, method: method, fields: fields + ["Content-Length: \(body.utf8.count)"])
        try client.send(Array(body.utf8))
        var response = try await client.readHead()
        if method != "HEAD" { response.body = try await client.readBody(of: response) }
        return response
    }

    func acknowledge(_ name: String, _ sequence: Int) async throws -> RawResponse {
        try await send("POST", "/v1/consumers/\(name)/ack", "{\"sequence\":\(sequence)}")
    }

    /// A client that reads a consumer's events; its head was read.
    func connect(_ name: String, fields: [String] = []) async throws -> RawClient {
        let client = try client()
        try client.request("/v1/consumers/\(name)/events", fields: fields)
        let head = try await client.readHead()
        guard head.status == 200 else { throw RawClient.Failure.malformed("\(head.status)") }
        return client
    }
}

extension RawClient {
    /// The sequence numbers of the next `count` events, read as NDJSON.
    func readEvents(_ count: Int) async throws -> [Int] {
        var sequences: [Int] = []
        while sequences.count < count, let chunk = try await readChunk() {
            sequences += String(decoding: chunk, as: UTF8.self).split(separator: "\n")
                .compactMap(Self.sequence)
        }
        return sequences
    }

    /// The sequence number of a CloudEvent.
    static func sequence(_ json: some StringProtocol) -> Int? {
        json.split(separator: "\"id\":\"").dropFirst().first
            .flatMap { $0.split(separator: "\"").first }.flatMap { Int($0) }
    }

    /// Sends a text frame, masked as a client must.
    func sendFrame(_ text: String) throws {
        let payload = Array(text.utf8)
        let count = payload.count
        precondition(count < 65_536)
        let length: [UInt8] =
            count < 126
            ? [0x80 | UInt8(count)] : [0x80 | 126, UInt8(count >> 8), UInt8(count & 0xFF)]
        let mask: [UInt8] = [1, 2, 3, 4]
        let masked = payload.enumerated().map { $1 ^ mask[$0 % 4] }
        try send([0x81] + length + mask + masked)
    }
}
