import CCurl
import Glibc

/// What all transfers of one set have in common.
@safe struct ConnectionOptions {
    /// Whether transfers may share a connection (HTTP/2).
    let shares: Bool
    let receiveBufferBytes: Int
    let keepAliveIdle: Int
    let keepAliveInterval: Int
    /// TLS sessions for quick reconnects, a libcurl share.
    let sessions: UnsafeMutableRawPointer
}

/// Sets the options of one easy handle, and remembers the first that libcurl refuses.
@safe struct EasyOptions {
    private let easy: UnsafeMutableRawPointer
    let operation: String
    private var failure: (option: CURLoption, code: CURLcode)?

    init(easy: UnsafeMutableRawPointer, operation: String) {
        unsafe self.easy = unsafe easy
        self.operation = operation
    }

    mutating func set(_ option: CURLoption, _ value: Int) {
        note(option, unsafe podwire_easy_set_long(easy, option, value))
    }

    mutating func set(_ option: CURLoption, _ value: String) {
        note(option, unsafe podwire_easy_set_string(easy, option, value))
    }

    mutating func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) {
        note(option, unsafe podwire_easy_set_pointer(easy, option, pointer))
    }

    mutating func set(_ option: CURLoption, blob: UnsafeMutableRawBufferPointer?) {
        guard let blob = unsafe blob else { return }
        note(
            option, unsafe podwire_easy_set_blob(easy, option, blob.baseAddress, blob.count))
    }

    mutating func set(
        _ option: CURLoption, receiver: curl_write_callback, argument: UnsafeMutableRawPointer
    ) {
        let data = option == CURLOPT_HEADERFUNCTION ? CURLOPT_HEADERDATA : CURLOPT_WRITEDATA
        note(option, unsafe podwire_easy_set_receiver(easy, option, receiver))
        unsafe set(data, pointer: argument)
    }

    mutating func set(
        prerequest: curl_prereq_callback, argument: UnsafeMutableRawPointer
    ) {
        note(
            CURLOPT_PREREQFUNCTION,
            unsafe podwire_easy_set_prerequest(easy, prerequest, argument))
    }

    /// Sets the body to send, which libcurl copies.
    mutating func setBody(_ body: [UInt8]) {
        note(
            CURLOPT_POSTFIELDSIZE_LARGE,
            unsafe podwire_easy_set_offset(
                easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        unsafe body.withUnsafeBytes { bytes in
            let start = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            // Without an address libcurl would take the body from a read callback.
            if let start = unsafe start {
                unsafe set(CURLOPT_COPYPOSTFIELDS, pointer: start)
            } else {
                set(CURLOPT_COPYPOSTFIELDS, "")
            }
        }
    }

    /// Throws if libcurl has refused an option.
    func check() throws(HTTPClientError) {
        guard let failure else { return }
        throw HTTPClientError(
            operation: operation, code: .badRequest, curlCode: Int(failure.code.rawValue),
            message: unsafe "libcurl refuses option \(failure.option.rawValue): "
                + String(cString: curl_easy_strerror(failure.code)))
    }

    private mutating func note(_ option: CURLoption, _ code: CURLcode) {
        if code != CURLE_OK, failure == nil { failure = (option, code) }
    }

    // MARK: - Groups of options

    mutating func apply(_ connections: ConnectionOptions, counters: ClientCounters) {
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_BUFFERSIZE, max(1_024, connections.receiveBufferBytes))
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_TCP_KEEPIDLE, max(1, connections.keepAliveIdle))
        set(CURLOPT_TCP_KEEPINTVL, max(1, connections.keepAliveInterval))
        unsafe set(CURLOPT_SHARE, pointer: connections.sessions)
        // The counters outlive every socket: the engine holds them, and closes the sockets.
        let argument = unsafe Unmanaged.passUnretained(counters).toOpaque()
        note(
            CURLOPT_OPENSOCKETFUNCTION,
            unsafe podwire_easy_set_socket_opener(easy, openSocket, argument))
        note(
            CURLOPT_CLOSESOCKETFUNCTION,
            unsafe podwire_easy_set_socket_closer(easy, closeSocket, argument))
        set(
            CURLOPT_HTTP_VERSION,
            connections.shares ? Int(CURL_HTTP_VERSION_2TLS) : Int(CURL_HTTP_VERSION_1_1))
    }

    mutating func apply(_ pinned: PinnedTransport) {
        let transport = pinned.transport
        unsafe set(CURLOPT_CAINFO_BLOB, blob: pinned.caCertificates)
        unsafe set(CURLOPT_SSLCERT_BLOB, blob: pinned.clientCertificate)
        unsafe set(CURLOPT_SSLKEY_BLOB, blob: pinned.clientKey)
        if transport.insecureSkipVerify {
            set(CURLOPT_SSL_VERIFYPEER, 0)
            set(CURLOPT_SSL_VERIFYHOST, 0)
        }
        if let proxy = transport.proxyURL {
            set(CURLOPT_PROXY, proxy)
            set(CURLOPT_NOPROXY, "")
        }
    }
}

/// `CURLOPT_OPENSOCKETFUNCTION`: as libcurl would, but children do not inherit the socket, it is
/// counted, and a dead peer is noticed after few probes (libcurl 7.88 cannot set their number).
private func openSocket(
    user: UnsafeMutableRawPointer?, purpose: curlsocktype,
    address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let user = unsafe user, let address = unsafe address else { return -1 }
    let descriptor = unsafe socket(
        address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue),
        address.pointee.protocol)
    guard descriptor >= 0 else { return -1 }
    if unsafe address.pointee.family != AF_UNIX {
        var probes: Int32 = 3
        // Without it the system's number of probes applies.
        _ = unsafe setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT, &probes,
            socklen_t(MemoryLayout<Int32>.size))
    }
    let counters = unsafe Unmanaged<ClientCounters>.fromOpaque(user).takeUnretainedValue()
    add(1, to: counters.openConnections)
    return descriptor
}

/// `CURLOPT_CLOSESOCKETFUNCTION`.
private func closeSocket(user: UnsafeMutableRawPointer?, descriptor: curl_socket_t) -> Int32 {
    if let user = unsafe user {
        let counters = unsafe Unmanaged<ClientCounters>.fromOpaque(user).takeUnretainedValue()
        add(-1, to: counters.openConnections)
    }
    return close(descriptor)
}
