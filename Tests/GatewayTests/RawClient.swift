import Dispatch
import Glibc
import Synchronization
import SystemTools

/// A TCP client that sees each byte the server sends. Its blocking calls run on a queue of its own,
/// so that they take no thread from the code under test; each gives up after a minute.
final class RawClient: Sendable {
    enum Failure: Error, Equatable {
        case cannotConnect(Int32)
        case timedOut
        case connectionReset
        case endedEarly(received: String)
        case malformed(String)
    }

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "raw client")
    private let buffer = Mutex<[UInt8]>([])
    /// The port it is connected to.
    let port: Int

    init(port: Int) throws {
        self.port = port
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            let code = errno
            Glibc.close(descriptor)
            throw Failure.cannotConnect(code)
        }
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// Ends the connection both ways.
    func close() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                uninterrupted {
                    Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                }
            }
            guard count > 0 else { throw Failure.connectionReset }
            rest = rest.dropFirst(count)
        }
    }

    /// Exactly `count` bytes.
    func read(_ count: Int) async throws -> [UInt8] {
        try await take { buffer in
            guard buffer.count >= count else { return nil }
            defer { buffer.removeFirst(count) }
            return Array(buffer.prefix(count))
        }
    }

    /// The next line, without its line end.
    func readLine() async throws -> String {
        try await take { buffer in
            guard let end = buffer.firstIndex(of: 0x0A) else { return nil }
            let line = buffer[..<end].filter { $0 != 0x0D }
            buffer.removeFirst(end + 1)
            return String(decoding: line, as: UTF8.self)
        }
    }

    /// Takes something from what was received, and receives more until it is there.
    private func take<T: Sendable>(
        _ body: @escaping @Sendable (inout [UInt8]) -> T?
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(with: Result { try self.receive(until: body) })
            }
        }
    }

    private func receive<T>(until body: (inout [UInt8]) -> T?) throws -> T {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let found = buffer.withLock({ body(&$0) }) { return found }
            let count = uninterrupted { recv(descriptor, &chunk, chunk.count, 0) }
            guard count >= 0 else {
                throw errno == EAGAIN ? Failure.timedOut : Failure.connectionReset
            }
            guard count > 0 else {
                throw Failure.endedEarly(
                    received: buffer.withLock { String(decoding: $0, as: UTF8.self) })
            }
            buffer.withLock { $0.append(contentsOf: chunk.prefix(count)) }
        }
    }
}
