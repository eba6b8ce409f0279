import Glibc
import Synchronization

/// A server made of raw sockets and threads, so that a test decides about every byte, every
/// silence and every cut.
final class TestServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let handler: @Sendable (Connection) -> Void
    private let accepting = Mutex<pthread_t?>(nil)
    private let state = Mutex(State())

    private struct State {
        var connections: [Connection] = []
        var threads: [pthread_t] = []
        var accepted = 0
    }

    var url: String { "http://127.0.0.1:\(port)" }

    /// How many connections were accepted so far.
    var accepted: Int { state.withLock { $0.accepted } }

    /// Listens, and calls the handler for each connection, on a thread of its own.
    init(_ handler: @escaping @Sendable (Connection) -> Void) throws {
        self.handler = handler
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let listener = socket(AF_INET, kind, 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 4_096) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard bound else { throw TestFailure("cannot listen: errno \(errno)") }
        port = UInt16(bigEndian: address.sin_port)
        let thread = try startThread { [self] in acceptAll() }
        accepting.withLock { $0 = thread }
    }

    /// Ends all connections and joins all threads.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        if let thread = accepting.withLock({ $0.take() }) { pthread_join(thread, nil) }
        let (connections, threads) = state.withLock { ($0.connections, $0.threads) }
        for connection in connections { connection.hangUp() }
        for thread in threads { pthread_join(thread, nil) }
        for connection in connections { connection.close() }
        Glibc.close(listener)
    }

    private func acceptAll() {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            let connection = Connection(descriptor)
            let handler = handler
            state.withLock { state in
                state.connections.append(connection)
                state.accepted += 1
            }
            guard
                let thread = try? startThread({
                    handler(connection)
                    connection.hangUp()
                })
            else { return }
            state.withLock { $0.threads.append(thread) }
        }
    }
}

/// One accepted connection. Its handler's thread uses it; `hangUp` may come from anywhere.
final class Connection: Sendable {
    struct Request {
        var method: String
        var path: String
        var fields: [String: String]
        var body: [UInt8]
    }

    private let descriptor: Int32

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Reads a whole request; nil when the peer has closed.
    func request() -> Request? {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard let byte = read(1)?.first else { return nil }
            head.append(byte)
        }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count == 3 else { return nil }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            let value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
            fields[parts[0].lowercased()] = String(value)
        }
        var body: [UInt8] = []
        let length = fields["content-length"].flatMap { Int($0) } ?? 0
        while body.count < length {
            guard let bytes = read(length - body.count) else { return nil }
            body += bytes
        }
        return Request(
            method: String(words[0]), path: String(words[1]), fields: fields, body: body)
    }

    /// Sends text as it is. Returns false when the peer is gone.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends bytes as they are. Returns false when the peer is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    descriptor, buffer.baseAddress?.advanced(by: sent), bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Sends a response of known length.
    func respond(_ status: String, fields: String = "", _ body: String = "") {
        send("HTTP/1.1 \(status)\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    /// Begins a chunked response.
    func beginChunked() {
        send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    }

    /// Sends one chunk; the empty one is the last.
    @discardableResult
    func chunk(_ text: String) -> Bool {
        send("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
    }

    /// Waits until the peer has closed.
    func waitForEnd() {
        while read(4_096) != nil {}
    }

    /// Ends both directions; the descriptor stays until the server stops.
    func hangUp() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    fileprivate func close() {
        Glibc.close(descriptor)
    }

    private func read(_ most: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: most)
        let count = recv(descriptor, &bytes, most, 0)
        return count > 0 ? Array(bytes.prefix(count)) : nil
    }
}

/// A test's own failure to set up.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Blocks a server's thread until the test says so.
final class Gate: Sendable {
    private let pipe: (reading: Int32, writing: Int32)

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw TestFailure("no pipe") }
        pipe = (ends[0], ends[1])
    }

    deinit {
        Glibc.close(pipe.reading)
        Glibc.close(pipe.writing)
    }

    /// Lets one waiter through.
    func open() {
        var byte: UInt8 = 1
        _ = write(pipe.writing, &byte, 1)
    }

    /// Waits for ``open()`` without blocking a thread: for the test.
    func passed() async {
        var state = pollfd(fd: pipe.reading, events: Int16(POLLIN), revents: 0)
        while poll(&state, 1, 0) == 0 { await Task.yield() }
        wait()
    }

    /// Waits for ``open()``: for a server's thread.
    func wait() {
        var byte: UInt8 = 0
        _ = read(pipe.reading, &byte, 1)
    }
}

/// Starts a joinable thread.
private func startThread(_ work: @escaping @Sendable () -> Void) throws -> pthread_t {
    final class Work: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
    let box = Unmanaged.passRetained(Work(work))
    var thread = pthread_t()
    let result = pthread_create(
        &thread, nil,
        { argument in
            if let argument {
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
            }
            return nil
        }, box.toOpaque())
    guard result == 0 else {
        box.release()
        throw TestFailure("no thread: \(result)")
    }
    return thread
}
