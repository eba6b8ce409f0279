import ByteBlocks
import CWebSockets

/// One accepted connection of libwebsockets, for the server thread alone.
///
/// It is valid until libwebsockets has called back with `LWS_CALLBACK_RAW_CLOSE`.
@safe struct Socket {
    enum WriteResult {
        /// All of it is in the kernel.
        case sent
        /// libwebsockets keeps a copy of the rest and calls back when it is sent.
        case partial
        /// The connection is gone.
        case failed
    }

    private let wsi: OpaquePointer

    init(_ wsi: OpaquePointer) {
        unsafe self.wsi = unsafe wsi
    }

    /// Asks for a writeable callback.
    func requestWritable() {
        _ = unsafe lws_callback_on_writable(wsi)  // Fails only for a dead socket, which is closing.
    }

    /// Writes in a writeable callback; not after a partial write until the next callback.
    func write(_ start: UnsafeRawPointer, _ count: Int) -> WriteResult {
        // It takes a mutable pointer for roles that put a header before it; this one reads.
        let bytes = unsafe UnsafeMutableRawPointer(mutating: start)
            .assumingMemoryBound(to: UInt8.self)
        guard unsafe podwire_write_raw(wsi, bytes, count) >= 0 else { return .failed }
        return unsafe lws_partial_buffered(wsi) == 0 ? .sent : .partial
    }

    /// Lets libwebsockets read the socket, or not.
    func setReading(_ isReading: Bool) {
        _ = unsafe lws_rx_flow_control(wsi, isReading ? 1 : 0)  // As for requestWritable.
    }

    /// Bytes that the client has confirmed so far.
    var acknowledgedBytes: UInt64 {
        unsafe podwire_acknowledged_bytes(lws_get_socket_fd(wsi))
    }

    /// Ends the sending half, after all that was written.
    func finishWriting() {
        // Fails where the peer is gone already, and then the socket closes anyway.
        _ = unsafe shutdown(lws_get_socket_fd(wsi), Int32(SHUT_WR))
    }

    /// Makes the coming close a reset, which no client takes for a clean end.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(
            lws_get_socket_fd(wsi), SOL_SOCKET, SO_LINGER, &option,
            socklen_t(MemoryLayout<linger>.size))  // As for finishWriting.
    }

    /// Closes now. Not to be used in one of the socket's own callbacks, which return -1 instead.
    func close() {
        unsafe lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC)
    }
}
