import CNGHTTP2

/// What a session tells its connection: within ``HTTP2Session/receive(_:)``, but for
/// ``fill(_:_:)``, ``sentEnd(_:)`` and ``ended(_:)``, which also come within
/// ``HTTP2Session/output()``.
protocol HTTP2SessionDelegate: AnyObject {
    /// A frame begins; false closes the connection.
    func received(_ frame: HTTP2FrameKind) -> Bool
    /// A request begins.
    func began(_ stream: HTTP2StreamID)
    /// One field of a request's head.
    func received(
        name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>, _ stream: HTTP2StreamID
    )
    /// A request's head is complete.
    func receivedHead(_ stream: HTTP2StreamID)
    /// A part of a request's body.
    func received(body: UnsafeRawBufferPointer, _ stream: HTTP2StreamID)
    /// A request is complete.
    func receivedEnd(_ stream: HTTP2StreamID)
    /// A DATA frame of a response is made.
    func fill(_ buffer: UnsafeMutableRawBufferPointer, _ stream: HTTP2StreamID) -> HTTP2Body.Filling
    /// A response is complete.
    func sentEnd(_ stream: HTTP2StreamID)
    /// The stream is gone, whatever ended it.
    func ended(_ stream: HTTP2StreamID)
}

/// The frames that a client may flood a server with.
enum HTTP2FrameKind {
    case ping
    case settings
    case reset
    /// A frame that breaks the rules for its stream, which costs that stream.
    case invalid
    case other
}

/// The server's side of HTTP/2 framing, HPACK and flow control: nghttp2's session.
///
/// It knows no socket: bytes are handed in and taken out. For the server thread alone; nghttp2
/// keeps an unretained pointer to it until `deinit`.
@safe final class HTTP2Session {
    /// Why nghttp2 gave a connection up.
    struct Failure: Error {
        let message: String
    }

    unowned let delegate: any HTTP2SessionDelegate
    private var session: OpaquePointer?

    /// Makes a session and queues the server's settings.
    ///
    /// - Returns: nil where memory is used up.
    init?(_ delegate: any HTTP2SessionDelegate, maxStreams: Int, maxHeaderBytes: Int) {
        self.delegate = delegate
        guard let options = unsafe HTTP2Setup.makeOptions(),
            let callbacks = unsafe HTTP2Setup.makeCallbacks()
        else { return nil }
        defer {
            unsafe nghttp2_option_del(options)
            unsafe nghttp2_session_callbacks_del(callbacks)
        }
        let owner = unsafe Unmanaged.passUnretained(self).toOpaque()
        guard unsafe nghttp2_session_server_new2(&session, callbacks, owner, options) == 0 else {
            return nil
        }
        let settings = [
            setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, maxStreams),
            setting(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, maxHeaderBytes),
            // Streams take turns; clients' wishes for an order are not followed.
            setting(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
        ]
        let status = unsafe nghttp2_submit_settings(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), settings, settings.count)
        if status != 0 { return nil }
    }

    deinit {
        unsafe nghttp2_session_del(session)
    }

    /// Whether anything more can come of the connection.
    var isAlive: Bool {
        unsafe nghttp2_session_want_read(session) != 0 || nghttp2_session_want_write(session) != 0
    }

    /// Takes received bytes, all of them.
    func receive(_ bytes: ArraySlice<UInt8>) throws(Failure) {
        let count = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe nghttp2_session_mem_recv(session, bytes.baseAddress, bytes.count)
        }
        guard count >= 0 else {
            let message = unsafe String(cString: nghttp2_strerror(Int32(count)))
            throw Failure(message: message)
        }
    }

    /// The next bytes to send, valid until the next call; empty where there are none.
    func output() throws(Failure) -> UnsafeRawBufferPointer {
        var bytes: UnsafePointer<UInt8>?
        let count = unsafe nghttp2_session_mem_send(session, &bytes)
        guard count >= 0 else {
            throw Failure(message: unsafe String(cString: nghttp2_strerror(Int32(count))))
        }
        return unsafe UnsafeRawBufferPointer(start: bytes, count: count)
    }

    /// Queues a response's head; its body is asked of the delegate.
    func respond(_ stream: HTTP2StreamID, _ head: HTTP2FieldBlock, hasBody: Bool) {
        var provider = unsafe nghttp2_data_provider()
        unsafe provider.read_callback = { _, stream, buffer, length, flags, _, owner in
            unsafe HTTP2Setup.read(stream, buffer, length, flags, owner)
        }
        unsafe head.withFields { fields, count in
            // Fails only for a stream that is gone, of which the delegate was told.
            _ =
                unsafe hasBody
                ? nghttp2_submit_response(session, stream.raw, fields, count, &provider)
                : nghttp2_submit_response(session, stream.raw, fields, count, nil)
        }
        // Round robin: without it nghttp2 would send one response after the other.
        var priority = nghttp2_extpri(urgency: UInt32(NGHTTP2_EXTPRI_DEFAULT_URGENCY), inc: 1)
        _ = unsafe nghttp2_session_change_extpri_stream_priority(
            session, stream.raw, &priority, 1)  // As above.
    }

    /// Queues `100 Continue`.
    func goOn(_ stream: HTTP2StreamID) {
        unsafe HTTP2FieldBlock.goOn.withFields { fields, count in
            _ = unsafe nghttp2_submit_headers(
                session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.raw, nil, fields, count, nil)
        }
    }

    /// Asks for the body of a stream that had none to give.
    func resume(_ stream: HTTP2StreamID) {
        // Fails where the stream is gone, or was not waiting.
        _ = unsafe nghttp2_session_resume_data(session, stream.raw)
    }

    /// Ends one stream.
    func reset(_ stream: HTTP2StreamID, _ code: HTTP2ErrorCode) {
        _ = unsafe nghttp2_submit_rst_stream(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.raw, code.rawValue)  // As above.
    }

    /// Whether the client has sent all of a request.
    func isRequestEnded(_ stream: HTTP2StreamID) -> Bool {
        unsafe nghttp2_session_get_stream_remote_close(session, stream.raw) != 0
    }

    /// Whether the client takes nothing more on the stream, by its window or the connection's.
    func isWindowClosed(_ stream: HTTP2StreamID) -> Bool {
        let window = unsafe nghttp2_session_get_stream_remote_window_size(session, stream.raw)
        return unsafe window <= 0 || nghttp2_session_get_remote_window_size(session) <= 0
    }

    /// Tells the client that no more requests are taken; those at work go on.
    func goAway() {
        _ = unsafe nghttp2_submit_goaway(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue),
            nghttp2_session_get_last_proc_stream_id(session), HTTP2ErrorCode.none.rawValue, nil, 0)
    }

    /// Tells the client why the connection ends, now.
    func terminate(_ code: HTTP2ErrorCode) {
        _ = unsafe nghttp2_session_terminate_session(session, code.rawValue)
    }
}

private func setting(_ id: nghttp2_settings_id, _ value: Int) -> nghttp2_settings_entry {
    nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: UInt32(clamping: value))
}
