/// A response as a test sees it.
struct RawResponse: Sendable {
    var status = 0
    var fields: [String: String] = [:]
    var body: [UInt8] = []

    var text: String { String(decoding: body, as: UTF8.self) }
}

extension RawClient {
    /// Sends a request; `fields` are whole lines, and may set another `Host`.
    func request(_ target: String, method: String = "GET", fields: [String] = []) throws {
        let hasHost = fields.contains { $0.lowercased().hasPrefix("host:") }
        let host = hasHost ? [] : ["Host: 127.0.0.1:\(port)"]
        let lines = ["\(method) \(target) HTTP/1.1"] + host + fields
        try send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
    }

    func readHead() async throws -> RawResponse {
        var response = RawResponse()
        let parts = try await readLine().split(separator: " ")
        guard parts.count >= 2, let status = Int(parts[1]) else {
            throw Failure.malformed("status line \(parts)")
        }
        response.status = status
        while true {
            let line = try await readLine()
            if line.isEmpty { return response }
            let field = line.split(separator: ":", maxSplits: 1)
            response.fields[field[0].lowercased()] =
                field.count > 1 ? String(field[1].drop { $0 == " " }) : ""
        }
    }

    /// The rest of a response whose head was read.
    func readBody(of head: RawResponse) async throws -> [UInt8] {
        if let length = head.fields["content-length"].flatMap({ Int($0) }) {
            return try await read(length)
        }
        guard head.fields["transfer-encoding"] == "chunked" else { return [] }
        var body: [UInt8] = []
        while let chunk = try await readChunk() { body += chunk }
        return body
    }

    /// The next chunk; `nil` behind the last one.
    func readChunk() async throws -> [UInt8]? {
        guard let size = Int(try await readLine(), radix: 16) else {
            throw Failure.malformed("chunk size")
        }
        let chunk = try await read(size)
        _ = try await readLine()
        return size == 0 ? nil : chunk
    }

    /// Sends a request and reads the whole answer.
    func get(
        _ target: String, method: String = "GET", fields: [String] = []
    ) async throws -> RawResponse {
        try request(target, method: method, fields: fields)
        var response = try await readHead()
        if method != "HEAD" { response.body = try await readBody(of: response) }
        return response
    }
}
