import CCurl

/// libcurl's global state: initialised before the first handle, and never torn down, because
/// OpenSSL's own exit handler does that.
enum CurlLibrary {
    private static let result = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    /// Initialises the library once, however many clients there are.
    static func initialize() throws(HTTPClientError) {
        guard result == CURLE_OK else {
            throw unsafe HTTPClientError(
                curlCall: "curl_global_init", message: curl_easy_strerror(result))
        }
    }
}

/// TLS sessions that the transfers of one client share, so that the many connections to one server
/// need one full handshake. libcurl would otherwise keep them for each transfer.
///
/// Used on the curl thread alone, after `init`, so it needs no locks. Closed after all handles.
@safe final class TLSSessions {
    /// A libcurl share, valid until ``close()``.
    let handle: UnsafeMutableRawPointer
    private var isClosed = false

    init() throws(HTTPClientError) {
        guard let handle = unsafe curl_share_init() else {
            throw unsafe HTTPClientError(curlCall: "curl_share_init", message: nil)
        }
        unsafe self.handle = unsafe handle
        let code = unsafe podwire_share_add(handle, CURL_LOCK_DATA_SSL_SESSION)
        guard code == CURLSHE_OK else {
            close()
            throw unsafe HTTPClientError(
                curlCall: "curl_share_setopt", message: curl_share_strerror(code))
        }
    }

    deinit {
        precondition(isClosed, "the sessions are closed before they are dropped")
    }

    /// Frees the share. No handle may use it any more.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        // Fails only while a handle uses it.
        _ = unsafe curl_share_cleanup(handle)
    }
}
