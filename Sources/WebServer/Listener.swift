import CWebSockets
import Glibc

/// A listening socket of the server's own: so that its errors have names, and its queue holds back
/// clients when there are too many.
@safe final class Listener {
    /// What came of one accept.
    enum Accepted {
        case client(descriptor: Int32, address: ClientAddress)
        /// Nobody is waiting.
        case nobody
        /// The client went away while it waited, or something as harmless.
        case skipped
        /// Descriptors or memory are used up; the queue must wait.
        case exhausted(Int32)
    }

    /// Clients that wait to be accepted. 1,024: a burst of reconnecting pages; the kernel may cap it
    /// at `net.core.somaxconn`. Beyond it: the kernel lets them retry.
    private static let backlog: Int32 = 1_024

    let descriptor: Int32
    let port: Int

    /// Opens the socket, bound and listening.
    init(address: String, port: Int) throws(WebServerError) {
        guard (0...65_535).contains(port) else {
            throw WebServerError(.listen, "cannot listen on \(address):\(port): no such port")
        }
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(address, "\(port)", &hints, &found)
        guard status == 0, let info = unsafe found else {
            let reason = unsafe String(cString: gai_strerror(status))
            throw WebServerError(.listen, "cannot listen on \(address):\(port): \(reason)")
        }
        defer { unsafe freeaddrinfo(info) }
        descriptor = unsafe socket(
            info.pointee.ai_family,
            Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var isOpen = descriptor >= 0
        if isOpen {
            Self.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            isOpen = unsafe bind(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0
        }
        isOpen = isOpen && listen(descriptor, Self.backlog) == 0
        guard isOpen, let bound = Self.boundPort(descriptor) else {
            let code = errno
            if descriptor >= 0 { _ = Glibc.close(descriptor) }
            let reason = Self.lowercasedFirst(unsafe String(cString: strerror(code)))
            throw WebServerError(
                .listen, "cannot listen on \(address):\(port): \(reason)", code: code)
        }
        self.port = bound
    }

    /// Takes the next client from the queue.
    func accept() -> Accepted {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let client = unsafe withUnsafeMutablePointer(to: &storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe podwire_accept(descriptor, address, &length)
            }
        }
        guard client >= 0 else {
            switch errno {
            case EAGAIN: return .nobody
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted(errno)
            default: return .skipped
            }
        }
        Self.tune(client)
        return unsafe .client(
            descriptor: client,
            address: ClientAddress(
                text: Self.text(of: &storage, length), bytes: Self.bytes(of: &storage)))
    }

    /// Turns a client away before anything is known of it.
    func refuse(_ client: Int32) {
        _ = Glibc.close(client)  // Nothing can be unsent on a fresh socket.
    }

    /// Closes the socket; once.
    func close() {
        _ = Glibc.close(descriptor)  // Nothing can be unsent on a listening socket.
    }

    /// Blocks go out as they are written, and a peer that vanished is noticed within two minutes.
    private static func tune(_ client: Int32) {
        set(client, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(client, SOL_SOCKET, SO_KEEPALIVE, 1)
        set(client, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60)
        set(client, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 10)
        set(client, Int32(IPPROTO_TCP), TCP_KEEPCNT, 6)
    }

    private static func set(_ socket: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        // A refused option leaves the socket slower, not wrong.
        _ = unsafe setsockopt(socket, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func boundPort(_ socket: Int32) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = unsafe withUnsafeMutablePointer(to: &storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe getsockname(socket, address, &length)
            }
        }
        guard status == 0 else { return nil }
        // The port stands at the same place in IPv4 and IPv6 addresses.
        let port = unsafe withUnsafeBytes(of: &storage) { bytes in
            unsafe bytes.load(fromByteOffset: 2, as: UInt16.self)
        }
        return Int(UInt16(bigEndian: port))
    }

    private static func text(of storage: inout sockaddr_storage, _ length: socklen_t) -> String {
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let status = unsafe withUnsafePointer(to: &storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe getnameinfo(
                    address, length, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST)
            }
        }
        guard status == 0 else { return "unknown" }
        return String(
            decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The address' 4 or 16 bytes; none of another family.
    private static func bytes(of storage: inout sockaddr_storage) -> [UInt8] {
        let family = Int32(storage.ss_family)
        return unsafe withUnsafeBytes(of: &storage) { bytes in
            switch family {
            case AF_INET: unsafe Array(bytes[4..<8])
            case AF_INET6: unsafe Array(bytes[8..<24])
            default: []
            }
        }
    }

    private static func lowercasedFirst(_ text: String) -> String {
        text.prefix(1).lowercased() + text.dropFirst()
    }
}
