import CCurl
import Glibc

extension HTTPClientError {
    /// A system call that the client needs for itself failed.
    init(systemCall: String, errno: Int32) {
        self.init(
            operation: "HTTP client", code: .other,
            message: "\(systemCall): \(unsafe String(cString: strerror(errno)))")
    }

    /// A call of libcurl that cannot fail for a reason in the request.
    init(curlCall: String, message: UnsafePointer<CChar>?) {
        let text = unsafe message.map { unsafe String(cString: $0) } ?? "out of memory"
        self.init(operation: "HTTP client", code: .other, message: "\(curlCall): \(text)")
    }
}

extension HTTPClientError.Code {
    /// What libcurl's result means to a caller.
    ///
    /// Some results are told apart by libcurl's message, because 7.88 reports with
    /// `CURLE_RECV_ERROR` alike a lost connection, a proxy that refuses the tunnel, and (TLS 1.3)
    /// a server that rejects the client's certificate after the handshake.
    init(_ code: CURLcode, message: String) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            self = .resolve
        case CURLE_COULDNT_CONNECT, CURLE_PROXY:
            self = .connect
        case CURLE_OPERATION_TIMEDOUT:
            self = .timeoutConnect  // the only time that libcurl is asked to watch
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
            self = .tls
        case CURLE_RECV_ERROR where message.contains("CONNECT"):
            self = .connect
        case CURLE_RECV_ERROR where message.contains(" alert "):
            self = .tls
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR,
            CURLE_HTTP2, CURLE_HTTP2_STREAM:
            self = .cut
        case CURLE_URL_MALFORMAT:
            self = .badRequest
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_TOO_MANY_REDIRECTS:
            self = .protocolError
        default:
            self = .other
        }
    }
}
