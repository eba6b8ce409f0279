import Dispatch
import Glibc
import SystemTools

/// A small HTTP/1.1 client over a plain socket: one request, and the whole answer or the beginning
/// of one that goes on. It blocks a thread of its own, never one of Swift's.
final class RawClient: Sendable {
    /// What could not be done, with the system's error number.
    struct Failure: Error {
        let step: String
        let code: Int32
    }

    /// A status and a body, chunks joined.
    struct Reply: Sendable, Equatable {
        let status: Int
        let body: String
        /// Whether the body came to its end: a cut connection leaves it without one.
        let isComplete: Bool
    }

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "raw-client")

    /// Connects to a port of this machine. A silence of a minute is a failure.
    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(step: "socket", code: errno) }
        var silence = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &silence, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(step: "connect", code: errno) }
    }

    deinit { close(descriptor) }

    /// Sends a request that asks for the connection to be closed after the answer.
    func send(
        _ method: String, _ target: String, body: String = "", contentType: String? = nil
    ) throws {
        let type = contentType.map { "Content-Type: \($0)\r\n" } ?? ""
        let text =
            "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            + "\(type)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Failure(step: "write", code: errno)
        }
    }

    /// Reads the answer up to its end, or until its body holds `text`. May be called once.
    func reply(until text: String? = nil) async throws -> Reply {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try self.read(until: text) }) }
        }
    }

    private func read(until text: String?) throws -> Reply {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = uninterrupted { recv(descriptor, &buffer, buffer.count, 0) }
            guard count >= 0 else { throw Failure(step: "recv", code: errno) }
            received += buffer.prefix(count)
            let reply = Self.parse(received)
            if let reply, count == 0 || text.map(reply.body.contains) ?? false { return reply }
            guard count > 0 else { throw Failure(step: "parse", code: 0) }
        }
    }

    private static func parse(_ received: [UInt8]) -> Reply? {
        let end = Array("\r\n\r\n".utf8)
        guard let start = received.firstRange(of: end),
            let status = Int(String(decoding: received.prefix(12).suffix(3), as: UTF8.self))
        else { return nil }
        let head = String(decoding: received[..<start.lowerBound], as: UTF8.self).lowercased()
        var bytes = received[start.upperBound...]
        guard head.contains("transfer-encoding: chunked") else {
            return Reply(
                status: status, body: String(decoding: bytes, as: UTF8.self), isComplete: true)
        }
        var body: [UInt8] = []
        var isComplete = false
        while let line = bytes.firstIndex(of: UInt8(ascii: "\r")),
            let size = Int(String(decoding: bytes[..<line], as: UTF8.self), radix: 16),
            line + 2 <= bytes.endIndex
        {
            isComplete = size == 0
            let first = line + 2
            body += bytes[first..<min(first + size, bytes.endIndex)]
            guard size > 0, first + size + 2 <= bytes.endIndex else { break }
            bytes = bytes[(first + size + 2)...]
        }
        return Reply(
            status: status, body: String(decoding: body, as: UTF8.self), isComplete: isComplete)
    }
}
