import Foundation
import Glibc
import Synchronization

/// An HTTP/1.1 server on loopback that answers each request as a closure says, for tests.
///
/// Each connection is served by a thread of its own. ``stop()`` ends them all.
package final class ScriptedServer: Sendable {
    /// A request as it arrived.
    package struct Request: Sendable {
        /// How many requests came before it.
        package var index: Int
        /// Which connection it came over, counted from 0.
        package var connection: Int
        /// Path and query.
        package var target: String
        /// Names in lower case; values of one name in the order of their fields.
        package var fields: [String: [String]]
        /// The body, where its length was given.
        package var body: [UInt8] = []

        /// The path alone.
        package var path: String { String(target.prefix { $0 != "?" }) }
        /// The decoded items of the query.
        package var query: [String: String] {
            let items = URLComponents(string: target)?.queryItems ?? []
            return Dictionary(items.map { ($0.name, $0.value ?? "") }) { first, _ in first }
        }
        /// Whether it asks for a watch.
        package var isWatch: Bool { query["watch"] == "1" }
    }

    /// How a body ends.
    package enum Ending: Sendable {
        /// As it should.
        case clean
        /// Not at all, until the client closes the connection.
        case open
        /// By closing the connection in the middle.
        case cut
        /// Nothing is sent, not even the head, until the client closes the connection.
        case silent
    }

    /// A response.
    package struct Answer: Sendable {
        package var status = 200
        package var fields: [String] = []
        /// Sent one by one, as chunks.
        package var parts: [String] = []
        package var ending = Ending.clean
        /// Called when the client has closed the connection of an ``Ending/open`` body.
        package var onClosed: (@Sendable () -> Void)?

        /// A response in parts.
        package init(
            status: Int = 200, fields: [String] = [], parts: [String] = [],
            ending: Ending = .clean
        ) {
            self.status = status
            self.fields = fields
            self.parts = parts
            self.ending = ending
        }

        /// A response with one body.
        package static func body(_ body: String, status: Int = 200, fields: [String] = []) -> Answer
        {
            Answer(status: status, fields: fields, parts: [body])
        }
    }

    private struct State {
        var sockets: Set<Int32> = []
        var requests: [Request] = []
        var connections = 0
        var isStopped = false
    }

    /// The port on 127.0.0.1.
    package let port: Int
    private let listener: Int32
    private let answer: @Sendable (Request) -> Answer
    private let state = Mutex(State())

    /// A server that listens at once.
    package init(_ answer: @escaping @Sendable (Request) -> Answer) throws {
        self.answer = answer
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        guard result else { throw POSIXError(.EADDRNOTAVAIL) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { self.accept() }
    }

    /// The server's URL.
    package var url: String { "http://127.0.0.1:\(port)" }

    /// All requests so far.
    package var requests: [Request] { state.withLock { $0.requests } }

    /// Ends every connection and takes no more. Idempotent.
    package func stop() {
        let isFirst = state.withLock { state in
            defer { state.isStopped = true }
            for socket in state.sockets { _ = shutdown(socket, Int32(SHUT_RDWR)) }
            return !state.isStopped
        }
        // Later the descriptor may be another's: whoever accepts closes it.
        if isFirst { _ = shutdown(listener, Int32(SHUT_RDWR)) }
    }

    private func accept() {
        while true {
            let socket = Glibc.accept(listener, nil, nil)
            guard socket >= 0 else { break }
            // A program that another test starts must not keep the connection open.
            _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
            // An answer is several writes; without this each waits for the client's delayed ACK.
            var isOn: Int32 = 1
            _ = setsockopt(
                socket, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn,
                socklen_t(MemoryLayout<Int32>.size))
            let number = state.withLock { state -> Int? in
                guard !state.isStopped else { return nil }
                state.sockets.insert(socket)
                state.connections += 1
                return state.connections - 1
            }
            guard let number else {
                _ = close(socket)
                break
            }
            Thread.detachNewThread {
                self.serve(socket, number)
                self.state.withLock { _ = $0.sockets.remove(socket) }
                _ = close(socket)
            }
        }
        _ = close(listener)
    }

    private func serve(_ socket: Int32, _ connection: Int) {
        while let head = readHead(socket) {
            let lines = head.components(separatedBy: "\r\n")
            let words = lines[0].split(separator: " ")
            guard words.count == 3 else { return }
            var fields: [String: [String]] = [:]
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                let value = line[line.index(after: colon)...]
                fields[line[..<colon].lowercased(), default: []].append(
                    value.trimmingCharacters(in: .whitespaces))
            }
            let length = fields["content-length"]?.first.flatMap(Int.init) ?? 0
            guard let body = readBody(socket, length) else { return }
            let request = state.withLock { state in
                let request = Request(
                    index: state.requests.count, connection: connection, target: String(words[1]),
                    fields: fields, body: body)
                state.requests.append(request)
                return request
            }
            guard send(answer(request), socket) else { return }
        }
    }

    /// Sends an answer; `false` when nothing may follow on the connection.
    private func send(_ answer: Answer, _ socket: Int32) -> Bool {
        let head = ["HTTP/1.1 \(answer.status) Scripted", "Transfer-Encoding: chunked"]
        if answer.ending == .silent {
            waitForClient(socket)
            return false
        }
        // The head goes out with the first part, and the end with the last: a thread that is held up
        // in between would be a silence of the server, and tests have clients that bear little.
        var text = (head + answer.fields).joined(separator: "\r\n") + "\r\n\r\n"
        let parts = answer.parts.filter { !$0.isEmpty }
        for (index, part) in parts.enumerated() {
            if index > 0 {
                write(text, socket)
                text = ""
            }
            text += String(part.utf8.count, radix: 16) + "\r\n" + part + "\r\n"
        }
        if answer.ending == .clean { text += "0\r\n\r\n" }
        write(text, socket)
        switch answer.ending {
        case .clean:
            return true
        case .open:
            waitForClient(socket)
            answer.onClosed?()
            return false
        case .cut, .silent:
            return false
        }
    }

    /// Returns when the client has closed the connection.
    private func waitForClient(_ socket: Int32) {
        var byte: UInt8 = 0
        while Glibc.read(socket, &byte, 1) > 0 {}
    }

    private func readBody(_ socket: Int32, _ length: Int) -> [UInt8]? {
        var body: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while body.count < length {
            let count = Glibc.read(socket, &chunk, min(chunk.count, length - body.count))
            guard count > 0 else { return nil }
            body += chunk[..<count]
        }
        return body
    }

    private func readHead(_ socket: Int32) -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard Glibc.read(socket, &byte, 1) == 1 else { return nil }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func write(_ text: String, _ socket: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
