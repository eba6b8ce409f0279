import Foundation
import Glibc

/// A small HTTP/1.1 client over a plain socket: one request, the whole answer or the beginning of
/// one that goes on.
final class RawClient {
    struct Failure: Error {
        let step: String
        let code: Int32
    }

    private let descriptor: Int32
    private var received: [UInt8] = []
    private(set) var isClosed = false

    /// Connects to a port of this machine.
    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(step: "socket", code: errno) }
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
    func send(_ method: String, _ target: String, body: String = "") throws {
        let text =
            "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Failure(step: "write", code: errno)
        }
    }

    /// Waits for more bytes; false at the end.
    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw Failure(step: "recv", code: errno) }
        received += buffer.prefix(count)
        isClosed = count == 0
        return count > 0
    }

    /// Reads the whole answer: its status line's code and its body, chunks joined.
    func answer() throws -> (status: Int, body: String) {
        while try receive() {}
        return try parsed()
    }

    /// Reads until the body holds `text`, or the end.
    func answer(until text: String) throws -> (status: Int, body: String) {
        while true {
            let answer = try? parsed()
            if let answer, answer.body.contains(text) { return answer }
            guard try receive() else { return try parsed() }
        }
    }

    private func parsed() throws -> (status: Int, body: String) {
        let text = String(decoding: received, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n"), let status = Int(text.dropFirst(9).prefix(3))
        else { throw Failure(step: "parse", code: 0) }
        let head = text[..<end.lowerBound].lowercased()
        let rest = text[end.upperBound...]
        guard head.contains("transfer-encoding: chunked") else { return (status, String(rest)) }
        var body: [UInt8] = []
        var bytes = Array(rest.utf8)[...]
        while let line = bytes.firstIndex(of: UInt8(ascii: "\r")),
            let size = Int(
                String(decoding: bytes[bytes.startIndex..<line], as: UTF8.self), radix: 16),
            size > 0
        {
            let start = min(line + 2, bytes.endIndex)
            body += bytes[start..<min(start + size, bytes.endIndex)]
            guard start + size + 2 <= bytes.endIndex else { break }
            bytes = bytes[(start + size + 2)...]
        }
        return (status, String(decoding: body, as: UTF8.self))
    }
}
