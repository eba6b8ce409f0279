import CWebSockets

/// libwebsockets' context on a loop of our own: made, given sockets, destroyed.
///
/// Its tables have a place for each descriptor that the process may open: 16 bytes times
/// `RLIMIT_NOFILE`. Over a limit of ten million libwebsockets takes 2,560 descriptors for all.
///
/// libwebsockets' own TLS and HTTP/2 are not used, see ``TLSStream``.
///
/// For the server thread alone. ``destroy(_:)`` must be called, once, and ends all sockets.
@safe final class RawContext {
    /// What libwebsockets reads from a socket at once. 64 KiB: a whole upload or many frames.
    private static let readBytes = 64 << 10
    /// Bytes that one write may hand to the kernel: any block. Left to itself libwebsockets sends
    /// as much as it reads at once, and copies the rest.
    private static let writeBytes = 1 << 30
    private static let name = StaticString("podwire")

    /// libwebsockets keeps the pointer while the context lives.
    private let protocols: UnsafeMutablePointer<lws_protocols>
    private let context: OpaquePointer
    private let vhost: OpaquePointer

    /// Makes a context without a listening socket, whose callbacks go to `owner`.
    init(_ handles: LoopHandles, owner: UnsafeMutableRawPointer) throws(WebServerError) {
        unsafe protocols = unsafe Self.makeProtocols()
        var loops: UnsafeMutableRawPointer? = unsafe UnsafeMutableRawPointer(handles.loop)
        let made = unsafe withUnsafeMutablePointer(to: &loops) { [protocols] loops in
            var info = unsafe lws_context_creation_info()
            unsafe info.port = CONTEXT_PORT_NO_LISTEN
            unsafe info.protocols = unsafe UnsafePointer(protocols)
            unsafe info.foreign_loops = unsafe loops
            unsafe info.options = UInt64(LWS_SERVER_OPTION_LIBUV)
            unsafe info.pt_serv_buf_size = UInt32(Self.readBytes)
            unsafe info.user = unsafe owner
            unsafe info.gid = -1
            unsafe info.uid = -1
            return unsafe lws_create_context(&info)
        }
        guard let context = unsafe made else {
            unsafe protocols.deallocate()
            throw Self.failure
        }
        guard let vhost = unsafe lws_get_vhost_by_name(context, "default") else {
            unsafe Self.destroy(context, handles)
            unsafe protocols.deallocate()
            throw Self.failure
        }
        unsafe self.context = unsafe context
        unsafe self.vhost = unsafe vhost
    }

    /// Gives libwebsockets an accepted socket, known to the callbacks by `id`.
    ///
    /// - Returns: nil where it did not take the socket; it is closed then.
    func adopt(_ descriptor: Int32, _ id: ConnectionID) -> Socket? {
        var info = unsafe lws_adopt_desc_t()
        unsafe info.vh = unsafe vhost
        unsafe info.type = LWS_ADOPT_SOCKET
        unsafe info.fd.sockfd = descriptor
        unsafe info.opaque = unsafe UnsafeMutableRawPointer(bitPattern: id.raw)
        guard let wsi = unsafe lws_adopt_descriptor_vhost_via_info(&info) else { return nil }
        return unsafe Socket(wsi)
    }

    /// Destroys the context, all sockets included.
    func destroy(_ handles: LoopHandles) {
        unsafe Self.destroy(context, handles)
        unsafe protocols.deallocate()
    }

    /// On a foreign loop that takes three steps: the first call closes the sockets and stops the
    /// timers, the loop then completes the closes, and the second call frees the context.
    private static func destroy(_ context: OpaquePointer, _ handles: LoopHandles) {
        unsafe lws_context_destroy(context)
        handles.settle()
        unsafe lws_context_destroy(context)
    }

    private static var failure: WebServerError {
        WebServerError(.start, "libwebsockets did not start: is its libuv plugin installed?")
    }

    private static func makeProtocols() -> UnsafeMutablePointer<lws_protocols> {
        let list = UnsafeMutablePointer<lws_protocols>.allocate(capacity: 2)
        unsafe list.initialize(repeating: lws_protocols(), count: 2)  // The second ends the list.
        unsafe list[0].name = unsafe UnsafeRawPointer(name.utf8Start)
            .assumingMemoryBound(to: CChar.self)
        unsafe list[0].callback = { wsi, reason, _, bytes, count in
            unsafe RawContext.callback(wsi, reason, bytes, count)
        }
        unsafe list[0].rx_buffer_size = readBytes
        unsafe list[0].tx_packet_size = writeBytes
        return unsafe list
    }

    /// libwebsockets' one callback: 0 goes on, -1 closes the socket.
    private static func callback(
        _ wsi: OpaquePointer?, _ reason: lws_callback_reasons, _ bytes: UnsafeMutableRawPointer?,
        _ count: Int
    ) -> Int32 {
        switch reason {
        case LWS_CALLBACK_RAW_RX, LWS_CALLBACK_RAW_WRITEABLE, LWS_CALLBACK_RAW_CLOSE: break
        default: return 0
        }
        guard let owner = unsafe lws_context_user(lws_get_context(wsi)),
            let opaque = unsafe lws_get_opaque_user_data(wsi)
        else { return 0 }
        let loop = unsafe Unmanaged<ServerLoop>.fromOpaque(owner).takeUnretainedValue()
        let id = ConnectionID(raw: UInt(bitPattern: opaque))
        switch reason {
        case LWS_CALLBACK_RAW_RX:
            let received = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
            return unsafe loop.received(id, received) == .open ? 0 : -1
        case LWS_CALLBACK_RAW_WRITEABLE:
            return loop.becameWritable(id) == .open ? 0 : -1
        default:
            loop.closed(id)
            return 0
        }
    }
}
