import Glibc
import SystemTools

/// A blocking TCP client that speaks HTTP and WebSocket by hand: it sees each byte the server sends.
///
/// Reads and writes give up after a minute, so that no test hangs.
final class TestClient {
    enum Failure: Error, Equatable {
        case cannotConnect(Int32)
        case timedOut
        case connectionReset
        case endedEarly(received: String)
        case malformed(String)
    }

    let descriptor: Int32
    private var buffer: [UInt8] = []

    init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(
                descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(
            descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
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
            close(descriptor)
            throw Failure.cannotConnect(code)
        }
    }

    deinit {
        close(descriptor)
    }

    func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { rest in
                uninterrupted {
                    Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                }
            }
            guard count > 0 else {
                throw errno == EAGAIN ? Failure.timedOut : Failure.connectionReset
            }
            sent += count
        }
    }

    /// Closes the sending half.
    func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Reads once; false at the end of the connection.
    private func fill() throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = uninterrupted { recv(descriptor, &chunk, chunk.count, 0) }
        guard count >= 0 else {
            throw errno == EAGAIN ? Failure.timedOut : Failure.connectionReset
        }
        buffer.append(contentsOf: chunk.prefix(count))
        return count > 0
    }

    func read(_ count: Int) throws -> [UInt8] {
        while buffer.count < count {
            guard try fill() else { throw ended() }
        }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    func readLine() throws -> String {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let line = buffer[..<end].filter { $0 != 0x0D }
                buffer.removeFirst(end + 1)
                return String(decoding: line, as: UTF8.self)
            }
            guard try fill() else { throw ended() }
        }
    }

    /// Everything up to the end of the connection.
    func readToEnd() throws -> [UInt8] {
        while try fill() {}
        defer { buffer = [] }
        return buffer
    }

    private func ended() -> Failure {
        .endedEarly(received: String(decoding: buffer, as: UTF8.self))
    }
}

/// A response as a test sees it.
struct TestResponse {
    var status = 0
    var fields: [String: String] = [:]
    var body: [UInt8] = []

    var text: String { String(decoding: body, as: UTF8.self) }
}

extension TestClient {
    /// Sends a request with a Host field and an empty body.
    func request(_ method: String, _ target: String, _ fields: String = "") throws {
        try send("\(method) \(target) HTTP/1.1\r\nHost: test\r\n\(fields)\r\n")
    }

    func readHead() throws -> TestResponse {
        var response = TestResponse()
        let parts = try readLine().split(separator: " ")
        guard parts.count >= 2, let status = Int(parts[1]) else {
            throw Failure.malformed("status line \(parts)")
        }
        response.status = status
        while true {
            let line = try readLine()
            if line.isEmpty { return response }
            let field = line.split(separator: ":", maxSplits: 1)
            response.fields[field[0].lowercased()] =
                field.count > 1 ? String(field[1].drop { $0 == " " }) : ""
        }
    }

    func readResponse(isHEAD: Bool = false) throws -> TestResponse {
        var response = try readHead()
        if isHEAD { return response }
        if let length = response.fields["content-length"].flatMap({ Int($0) }) {
            response.body = try read(length)
        } else if response.fields["transfer-encoding"] == "chunked" {
            while let chunk = try readChunk() { response.body += chunk }
        } else if response.status != 204, response.status != 304 {
            response.body = try readToEnd()
        }
        return response
    }

    /// The next chunk; nil behind the last one.
    func readChunk() throws -> [UInt8]? {
        guard let size = Int(try readLine(), radix: 16) else {
            throw Failure.malformed("chunk size")
        }
        let chunk = try read(size)
        guard try readLine().isEmpty else { throw Failure.malformed("chunk end") }
        return size == 0 ? nil : chunk
    }
}

extension TestClient {
    /// Lets this time pass without reading; true.
    func isSilentlyStuck(milliseconds: Int32) -> Bool {
        var poll = pollfd(fd: descriptor, events: 0, revents: 0)
        return Glibc.poll(&poll, 1, milliseconds) == 0
    }

    /// Whether nothing arrives, not even the end, for this time.
    func isSilent(milliseconds: Int32) -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, milliseconds) == 0
    }
}
