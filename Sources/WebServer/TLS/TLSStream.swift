import CTLS

/// TLS on one connection, between the socket's bytes and the server's: OpenSSL's `SSL`.
///
/// It knows no socket. Received bytes are handed to ``receive(_:into:)``, and what must be sent
/// stands in ``output`` afterwards. libwebsockets could do TLS itself, but with ALPN it would take
/// an HTTP/2 connection over, for its own parser, and it cannot change a certificate at run time.
///
/// OpenSSL reads and writes through a BIO of ours that points into the received bytes and appends to
/// ``output``: an idle stream has no buffer of its own.
///
/// For the server thread alone. OpenSSL keeps an unretained pointer to it until `deinit`.
@safe final class TLSStream {
    /// What the peer's bytes led to.
    enum Reception: Equatable {
        /// All is well; the handshake may be complete now.
        case open
        /// The client has ended its side in good order.
        case ended
        /// The connection is broken, for the reason that OpenSSL gives; an alert may be in `output`.
        case failed(String)
    }

    /// OpenSSL hands over one record at a time, of 16 KiB at most.
    private static let recordBytes = 16 << 10

    /// Encrypted bytes that wait to be sent.
    private(set) var output: [UInt8] = []
    /// Whether nothing was received yet.
    private(set) var isFresh = true
    /// Whether the handshake is complete.
    private(set) var isEstablished = false
    /// Whether the client was told that nothing more comes.
    private(set) var isFinished = false
    /// Valid within ``receive(_:into:)`` only.
    private var incoming = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    private let handle: OpaquePointer

    /// Begins a connection; nil where memory is used up.
    static func make(_ context: OpaquePointer) -> TLSStream? {
        guard let handle = unsafe SSL_new(context) else { return nil }
        guard let method = unsafe StreamBIO.method, let bio = unsafe BIO_new(method) else {
            unsafe SSL_free(handle)
            return nil
        }
        return unsafe TLSStream(handle, bio)
    }

    /// Takes over both.
    private init(_ handle: OpaquePointer, _ bio: OpaquePointer) {
        unsafe self.handle = unsafe handle
        unsafe BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        unsafe BIO_set_init(bio, 1)
        unsafe SSL_set_bio(handle, bio, bio)  // Takes the one reference, for both directions.
        unsafe SSL_set_accept_state(handle)
    }

    deinit {
        unsafe SSL_free(handle)
    }

    /// Whether HTTP/2 was agreed on. It is known once the handshake is complete.
    var hasAgreedOnHTTP2: Bool {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        unsafe SSL_get0_alpn_selected(handle, &name, &length)
        return unsafe UnsafeBufferPointer(start: name, count: Int(length)).elementsEqual("h2".utf8)
    }

    /// Decrypts what was received and appends it to `input`.
    func receive(
        _ bytes: UnsafeRawBufferPointer, into input: inout InputBuffer
    ) -> Reception {
        isFresh = false
        unsafe incoming = unsafe bytes
        defer { unsafe incoming = UnsafeRawBufferPointer(start: nil, count: 0) }
        ERR_clear_error()
        if !isEstablished {
            let status = unsafe SSL_do_handshake(handle)
            guard status == 1 else { return reception(of: status) }
            isEstablished = true
        }
        return unsafe withUnsafeTemporaryAllocation(
            byteCount: Self.recordBytes, alignment: 16
        ) { record in
            while true {
                let count = unsafe SSL_read(
                    handle, record.baseAddress, Int32(Self.recordBytes))
                guard count > 0 else { return reception(of: count) }
                unsafe input.append(UnsafeRawBufferPointer(rebasing: record[..<Int(count)]))
            }
        }
    }

    /// Encrypts `bytes` into ``output``; false where the connection is broken.
    func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if isFinished { return false }
        ERR_clear_error()
        var rest = unsafe bytes
        while unsafe !rest.isEmpty {
            // The BIO takes everything, so that this is never partial but for its own limit.
            let count = unsafe SSL_write(
                handle, rest.baseAddress, Int32(clamping: rest.count))
            guard count > 0 else {
                _ = TLSContext.reason()  // Takes the error off OpenSSL's queue.
                return false
            }
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[Int(count)...])
        }
        return true
    }

    /// Tells the client that nothing more comes, by an alert in ``output``.
    func finish() {
        guard !isFinished else { return }
        isFinished = true
        ERR_clear_error()
        // Before the end of the handshake there is nothing to say goodbye to.
        if isEstablished { _ = unsafe SSL_shutdown(handle) }
        ERR_clear_error()
    }

    /// Says something unencrypted to a client that has not spoken TLS at all, and nothing more.
    func refuse(_ words: [UInt8]) {
        isFinished = true
        output = words
    }

    /// Takes what is to be sent.
    func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    private func reception(of status: Int32) -> Reception {
        switch unsafe SSL_get_error(handle, status) {
        case SSL_ERROR_WANT_READ: .open
        case SSL_ERROR_ZERO_RETURN: .ended
        default: .failed(TLSContext.reason())
        }
    }
}

/// OpenSSL's way to a stream's bytes.
extension TLSStream {
    fileprivate func take(_ target: UnsafeMutableRawPointer, _ limit: Int) -> Int {
        let count = unsafe min(limit, incoming.count)
        guard count > 0, let start = unsafe incoming.baseAddress else { return 0 }
        unsafe target.copyMemory(from: start, byteCount: count)
        unsafe incoming = UnsafeRawBufferPointer(rebasing: incoming[count...])
        return count
    }

    fileprivate func put(_ bytes: UnsafeRawBufferPointer) {
        unsafe output.append(contentsOf: bytes)
    }
}

private enum StreamBIO {
    /// Made once for the process and kept: each BIO points to it. Nil where memory is used up.
    /// `nonisolated(unsafe)`: OpenSSL only reads it once it is made.
    nonisolated(unsafe) static let method: OpaquePointer? = unsafe makeMethod()

    private static func makeMethod() -> OpaquePointer? {
        let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "podwire")
        guard let method = unsafe method else { return nil }
        // None of these fails for a method that was just made.
        _ = unsafe BIO_meth_set_write(method) { bio, bytes, count in
            guard let stream = unsafe StreamBIO.stream(bio), let bytes = unsafe bytes else {
                return -1
            }
            unsafe stream.put(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            return count
        }
        _ = unsafe BIO_meth_set_read(method) { bio, target, limit in
            unsafe BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
            guard let stream = unsafe StreamBIO.stream(bio), let target = unsafe target else {
                return -1
            }
            let count = unsafe stream.take(target, Int(limit))
            if count > 0 { return Int32(count) }
            unsafe BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
            return -1
        }
        // Everything is written at once; no other question has an answer.
        _ = unsafe BIO_meth_set_ctrl(method) { _, command, _, _ in
            command == BIO_CTRL_FLUSH ? 1 : 0
        }
        return unsafe method
    }

    private static func stream(_ bio: OpaquePointer?) -> TLSStream? {
        guard let data = unsafe BIO_get_data(bio) else { return nil }
        return unsafe Unmanaged<TLSStream>.fromOpaque(data).takeUnretainedValue()
    }
}
