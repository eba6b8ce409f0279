import CNGHTTP2

/// nghttp2's options and callbacks, the same for every session.
enum HTTP2Setup {
    /// Answers to PING and SETTINGS that may wait to be sent. 64; beyond it the connection closes:
    /// who floods a server with questions does not read the answers (CVE-2019-9512, -9515).
    private static let maxWaitingAnswers = 64
    /// Entries of one SETTINGS frame. 32, five times as many as there are; beyond it the connection
    /// closes.
    private static let maxSettings = 32
    /// CONTINUATION frames of one head. 8, more than the longest allowed head has; beyond it the
    /// connection closes (CVE-2024-28182).
    private static let maxContinuations = 8
    /// Streams that a client may take back: 1,000 at once, and 33 a second from then on. Beyond it
    /// the connection closes (CVE-2023-44487, "rapid reset").
    private static let resets = (burst: UInt64(1_000), perSecond: UInt64(33))

    /// Makes the options; nil where memory is used up.
    static func makeOptions() -> OpaquePointer? {
        var options: OpaquePointer?
        guard unsafe nghttp2_option_new(&options) == 0 else { return nil }
        unsafe nghttp2_option_set_max_outbound_ack(options, maxWaitingAnswers)
        unsafe nghttp2_option_set_max_settings(options, maxSettings)
        unsafe nghttp2_option_set_max_continuations(options, maxContinuations)
        unsafe nghttp2_option_set_stream_reset_rate_limit(
            options, resets.burst, resets.perSecond)
        // Closed streams would be kept for a priority tree that is not used here.
        unsafe nghttp2_option_set_no_closed_streams(options, 1)
        return unsafe options
    }

    /// Makes the callbacks; nil where memory is used up.
    static func makeCallbacks() -> OpaquePointer? {
        var callbacks: OpaquePointer?
        guard unsafe nghttp2_session_callbacks_new(&callbacks) == 0 else { return nil }
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) {
            _, frame, owner in
            guard let frame = unsafe frame, let session = unsafe HTTP2Setup.session(owner) else {
                return 0
            }
            if unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
                session.delegate.began(HTTP2StreamID(unsafe frame.pointee.hd.stream_id))
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, frame, name, nameLength, value, valueLength, _, owner in
            guard let frame = unsafe frame, let session = unsafe HTTP2Setup.session(owner),
                unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
            else { return 0 }  // A trailer says nothing that this server listens to.
            unsafe session.delegate.received(
                name: UnsafeBufferPointer(start: name, count: nameLength),
                value: UnsafeBufferPointer(start: value, count: valueLength),
                HTTP2StreamID(frame.pointee.hd.stream_id))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
            _, _, stream, bytes, count, owner in
            unsafe HTTP2Setup.session(owner)?.delegate.received(
                body: UnsafeRawBufferPointer(start: bytes, count: count), HTTP2StreamID(stream))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) {
            _, frame, owner in
            unsafe HTTP2Setup.received(frame, owner)
        }
        unsafe nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) {
            _, _, _, owner in
            let goesOn = unsafe HTTP2Setup.session(owner)?.delegate.received(.invalid) ?? false
            return goesOn ? 0 : HTTP2Setup.failure
        }
        unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) {
            _, frame, owner in
            guard let frame = unsafe frame, let session = unsafe HTTP2Setup.session(owner) else {
                return 0
            }
            let header = unsafe frame.pointee.hd
            if HTTP2Setup.endsStream(header) {
                session.delegate.sentEnd(HTTP2StreamID(header.stream_id))
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) {
            _, stream, _, owner in
            unsafe HTTP2Setup.session(owner)?.delegate.ended(HTTP2StreamID(stream))
            return 0
        }
        return unsafe callbacks
    }

    /// Closes the connection.
    private static let failure = NGHTTP2_ERR_CALLBACK_FAILURE.rawValue

    private static func received(
        _ frame: UnsafePointer<nghttp2_frame>?, _ owner: UnsafeMutableRawPointer?
    ) -> Int32 {
        guard let frame = unsafe frame, let session = unsafe session(owner) else { return 0 }
        let header = unsafe frame.pointee.hd
        guard session.delegate.received(kind(header.type)) else { return failure }
        let stream = HTTP2StreamID(header.stream_id)
        if header.type == NGHTTP2_HEADERS.rawValue,
            unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
        {
            session.delegate.receivedHead(stream)
        }
        if endsStream(header) { session.delegate.receivedEnd(stream) }
        return 0
    }

    private static func kind(_ type: UInt8) -> HTTP2FrameKind {
        switch UInt32(type) {
        case NGHTTP2_PING.rawValue: .ping
        case NGHTTP2_SETTINGS.rawValue: .settings
        case NGHTTP2_RST_STREAM.rawValue: .reset
        default: .other
        }
    }

    private static func endsStream(_ header: nghttp2_frame_hd) -> Bool {
        (header.type == NGHTTP2_HEADERS.rawValue || header.type == NGHTTP2_DATA.rawValue)
            && UInt32(header.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0
    }

    /// nghttp2's question for a DATA frame's content.
    static func read(
        _ stream: Int32, _ buffer: UnsafeMutablePointer<UInt8>?, _ length: Int,
        _ flags: UnsafeMutablePointer<UInt32>?, _ owner: UnsafeMutableRawPointer?
    ) -> Int {
        guard let session = unsafe session(owner) else { return Int(failure) }
        let target = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: length)
        switch unsafe session.delegate.fill(target, HTTP2StreamID(stream)) {
        case .bytes(let count): return count
        case .end(let count):
            unsafe flags?.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
            return count
        case .waiting: return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        // Ends the stream with INTERNAL_ERROR, and nothing else.
        case .failed: return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
        }
    }

    private static func session(_ owner: UnsafeMutableRawPointer?) -> HTTP2Session? {
        guard let owner = unsafe owner else { return nil }
        return unsafe Unmanaged<HTTP2Session>.fromOpaque(owner).takeUnretainedValue()
    }
}
