import CTLS

/// A certificate with its key and what the server agrees to in a handshake: OpenSSL's `SSL_CTX`.
///
/// TLS 1.2 with forward secrecy and authenticated ciphers (what HTTP/2 asks for), and TLS 1.3.
/// Clients resume by tickets, whose keys live as long as the context.
///
/// For one thread. Streams that were made from it keep what they need of it.
@safe final class TLSContext {
    /// RFC 9113 section 9.2.2 forbids all others in HTTP/2. TLS 1.3 has a list of its own.
    private static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"

    /// What is wrong with the certificate's time of validity, if anything.
    let warning: String?
    private let context: OpaquePointer

    /// Takes the certificate and the key.
    ///
    /// - Throws: where they are not PEM or do not belong together, with a message that names the file.
    init(_ files: TLSFiles) throws(WebServerError) {
        ERR_clear_error()
        guard let context = unsafe SSL_CTX_new(TLS_server_method()) else {
            throw WebServerError(.certificate, "OpenSSL cannot serve TLS: \(Self.reason())")
        }
        do throws(WebServerError) {
            try unsafe Self.configure(context)
            warning = try unsafe Self.useCertificate(files, context)
            try unsafe Self.useKey(files, context)
        } catch {
            unsafe SSL_CTX_free(context)
            throw error
        }
        unsafe self.context = unsafe context
    }

    deinit {
        unsafe SSL_CTX_free(context)
    }

    /// Begins a connection; nil where memory is used up.
    func makeStream() -> TLSStream? {
        unsafe TLSStream.make(context)
    }

    private static func configure(_ context: OpaquePointer) throws(WebServerError) {
        // What follows are macros over SSL_CTX_ctrl. None fails with these arguments.
        _ = unsafe SSL_CTX_ctrl(
            context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        // Idle connections give their two record buffers back, some 34 KiB.
        _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_MODE, Int(SSL_MODE_RELEASE_BUFFERS), nil)
        // Clients keep their sessions in tickets; a second copy here would only cost memory.
        _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
        // A client could ask for one expensive key exchange after another (CVE-2011-1473).
        _ = unsafe SSL_CTX_set_options(context, podwire_ssl_no_renegotiation())
        guard unsafe SSL_CTX_set_cipher_list(context, ciphers) == 1 else {
            throw WebServerError(.certificate, "OpenSSL has no cipher of \(ciphers): \(reason())")
        }
        unsafe SSL_CTX_set_alpn_select_cb(
            context,
            { _, chosen, length, offered, count, _ in
                unsafe ProtocolOffer.choose(chosen, length, offered, count)
            }, nil)
    }

    /// The first certificate is the server's own, the others are its chain.
    private static func useCertificate(
        _ files: TLSFiles, _ context: OpaquePointer
    ) throws(WebServerError) -> String? {
        let path = files.settings.certificateFile
        let source = try unsafe memory(files.certificate)
        defer { unsafe BIO_free(source) }
        guard let own = unsafe PEM_read_bio_X509(source, nil, nil, nil) else {
            throw WebServerError(
                .certificate, "the certificate file \(path) has no PEM certificate: \(reason())")
        }
        defer { unsafe X509_free(own) }
        guard unsafe SSL_CTX_use_certificate(context, own) == 1 else {
            throw WebServerError(
                .certificate, "the certificate in \(path) cannot be used: \(reason())")
        }
        while let next = unsafe PEM_read_bio_X509(source, nil, nil, nil) {
            // Takes the reference over when it succeeds.
            let status = unsafe SSL_CTX_ctrl(
                context, SSL_CTRL_CHAIN_CERT, 0, UnsafeMutableRawPointer(next))
            guard status == 1 else {
                unsafe X509_free(next)
                throw WebServerError(
                    .certificate, "a certificate of the chain in \(path) is refused: \(reason())")
            }
        }
        // The end of the file is reported as PEM_R_NO_START_LINE; anything else is damage.
        let code = ERR_peek_last_error()
        guard podwire_is_pem_end(code) == 1 else {
            throw WebServerError(
                .certificate, "the chain in \(path) is damaged: \(reason())")
        }
        ERR_clear_error()
        return unsafe warning(own)
    }

    private static func warning(_ certificate: OpaquePointer) -> String? {
        if unsafe X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0 {
            return "the certificate has expired"
        }
        if unsafe X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0 {
            return "the certificate is not valid yet"
        }
        return nil
    }

    private static func useKey(
        _ files: TLSFiles, _ context: OpaquePointer
    ) throws(WebServerError) {
        let path = files.settings.keyFile
        let source = try unsafe memory(files.key)
        defer { unsafe BIO_free(source) }
        // Without a callback of ours OpenSSL would ask for a passphrase on the terminal.
        let key = unsafe PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in -1 }, nil)
        guard let key = unsafe key else {
            let isEncrypted = files.key.split(separator: .lineFeed).contains { line in
                line.starts(with: "-----BEGIN ENCRYPTED".utf8)
                    || line.starts(with: "Proc-Type: 4,ENCRYPTED".utf8)
            }
            throw WebServerError(
                .certificate,
                isEncrypted
                    ? "the key in \(path) has a passphrase: give a key without one"
                    : "the key file \(path) has no PEM private key: \(reason())")
        }
        defer { unsafe EVP_PKEY_free(key) }
        guard unsafe SSL_CTX_use_PrivateKey(context, key) == 1,
            unsafe SSL_CTX_check_private_key(context) == 1
        else {
            throw WebServerError(
                .certificate,
                "the key in \(path) is not that of the certificate in "
                    + "\(files.settings.certificateFile): \(reason())")
        }
    }

    /// A source that reads from a copy of `bytes`.
    private static func memory(_ bytes: [UInt8]) throws(WebServerError) -> OpaquePointer {
        let source = unsafe BIO_new(BIO_s_mem())
        guard let source = unsafe source else {
            throw WebServerError(.certificate, "OpenSSL has no memory: \(reason())")
        }
        _ = unsafe BIO_write(source, bytes, Int32(bytes.count))  // Files are below 1 MiB.
        return unsafe source
    }

    /// Why OpenSSL refused, in its words, and forgets it.
    static func reason() -> String {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0, let text = unsafe ERR_reason_error_string(code) else {
            return "no reason given"
        }
        return unsafe String(cString: text)
    }
}

/// What the server agrees to speak over TLS: RFC 7301.
enum ProtocolOffer {
    /// Each name behind its length, the preferred one first.
    private static let names = StaticString("\u{2}h2\u{8}http/1.1")

    /// OpenSSL's question which of a client's protocols is spoken. A client that offers only others
    /// is refused, so that it cannot be made to take this server for one of another protocol.
    static func choose(
        _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
        _ length: UnsafeMutablePointer<UInt8>?, _ offered: UnsafePointer<UInt8>?, _ count: UInt32
    ) -> Int32 {
        var found: UnsafeMutablePointer<UInt8>?
        let status = unsafe SSL_select_next_proto(
            &found, length, names.utf8Start, UInt32(names.utf8CodeUnitCount), offered, count)
        guard status == OPENSSL_NPN_NEGOTIATED else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        unsafe chosen?.pointee = unsafe UnsafePointer(found)
        return SSL_TLSEXT_ERR_OK
    }
}
