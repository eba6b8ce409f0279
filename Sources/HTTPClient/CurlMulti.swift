import CCurl

/// One libcurl multi handle: a set of transfers with their own connections.
///
/// Used on the curl thread alone, after `init`. libcurl keeps a pointer to it between `init` and
/// ``close()``, which the owner must call before dropping it. libcurl says through callbacks which
/// sockets to watch and when its timer is due, and is told with `curl_multi_socket_action`, whose
/// cost does not depend on the number of transfers.
@safe final class CurlMulti {
    typealias Instant = ContinuousClock.Instant

    private let handle: UnsafeMutableRawPointer
    private let poll: EventPoll
    private let turn: LoopTurn
    private var isClosed = false
    /// When libcurl wants ``timerFired()``; nil: not at all.
    private(set) var deadline: Instant?

    /// - Parameters:
    ///   - poll: where sockets are watched.
    ///   - turn: where progress is noted.
    ///   - streamsPerConnection: how many transfers may share a connection; 1 for none.
    ///   - maxConnections: how many connections to keep.
    /// - Throws: when there is no memory.
    init(
        poll: EventPoll, turn: LoopTurn, streamsPerConnection: Int, maxConnections: Int
    ) throws(HTTPClientError) {
        guard let handle = unsafe curl_multi_init() else {
            throw unsafe HTTPClientError(curlCall: "curl_multi_init", message: nil)
        }
        unsafe self.handle = handle
        self.poll = poll
        self.turn = turn
        let shares = streamsPerConnection > 1
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        let results = [
            unsafe podwire_multi_set_socket_callback(handle, socketChanged, this),
            unsafe podwire_multi_set_timer_callback(handle, timerChanged, this),
            unsafe podwire_multi_set_long(
                handle, CURLMOPT_PIPELINING, shares ? CURLPIPE_MULTIPLEX : CURLPIPE_NOTHING),
            unsafe podwire_multi_set_long(
                handle, CURLMOPT_MAX_CONCURRENT_STREAMS, max(1, streamsPerConnection)),
            unsafe podwire_multi_set_long(handle, CURLMOPT_MAXCONNECTS, max(1, maxConnections)),
        ]
        if let failure = results.first(where: { $0 != CURLM_OK }) {
            close()
            throw unsafe HTTPClientError(
                curlCall: "curl_multi_setopt", message: curl_multi_strerror(failure))
        }
    }

    deinit {
        precondition(isClosed, "a multi handle is closed before it is dropped")
    }

    /// Begins a transfer.
    func add(_ easy: UnsafeMutableRawPointer) throws(HTTPClientError) {
        let code = unsafe curl_multi_add_handle(handle, easy)
        guard code == CURLM_OK else {
            throw unsafe HTTPClientError(
                curlCall: "curl_multi_add_handle", message: curl_multi_strerror(code))
        }
    }

    /// Ends a transfer, complete or not.
    func remove(_ easy: UnsafeMutableRawPointer) {
        // Fails only for a handle that is not in this set.
        _ = unsafe curl_multi_remove_handle(handle, easy)
    }

    /// Lets libcurl work on a socket.
    func socketReady(_ event: EventPoll.Event) {
        let mask =
            (event.isReadable ? CURL_CSELECT_IN : 0) | (event.isWritable ? CURL_CSELECT_OUT : 0)
            | (event.hasFailed ? CURL_CSELECT_ERR : 0)
        act(event.descriptor, mask)
    }

    /// Lets libcurl work on what has become due.
    func timerFired() {
        // The timer is one-shot: forgotten before it is fired, or the loop would spin.
        deadline = nil
        act(-1, 0)  // CURL_SOCKET_TIMEOUT
    }

    private func act(_ socket: curl_socket_t, _ mask: Int32) {
        var running: Int32 = 0
        // Fails only for a bad handle; what happens to transfers comes as messages.
        _ = unsafe curl_multi_socket_action(handle, socket, mask, &running)
    }

    /// Hands on each transfer that has ended, and takes it out of the set.
    func forEachEnded(_ body: (UnsafeMutableRawPointer, CURLcode) -> Void) {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(handle, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE,
                let easy = unsafe message.pointee.easy_handle
            else { continue }
            let result = unsafe podwire_message_result(message)
            unsafe remove(easy)
            unsafe body(easy, result)
        }
    }

    /// Closes all connections and frees the handle. All transfers must have been removed.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        // Fails only for a bad handle.
        _ = unsafe curl_multi_cleanup(handle)
    }

    fileprivate func watch(_ socket: curl_socket_t, for what: Int32) {
        turn.progress += 1
        if what == CURL_POLL_REMOVE {
            poll.forget(socket)
        } else {
            poll.watch(
                socket, reading: what & CURL_POLL_IN != 0, writing: what & CURL_POLL_OUT != 0,
                for: self)
        }
    }

    fileprivate func setTimer(milliseconds: Int) {
        deadline = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
    }
}

/// `CURLMOPT_SOCKETFUNCTION`: "what" is a set of `CURL_POLL_…`.
private func socketChanged(
    easy: UnsafeMutableRawPointer?, socket: curl_socket_t, what: Int32,
    user: UnsafeMutableRawPointer?, socketUser: UnsafeMutableRawPointer?
) -> Int32 {
    guard let user = unsafe user else { return -1 }
    unsafe Unmanaged<CurlMulti>.fromOpaque(user).takeUnretainedValue().watch(socket, for: what)
    return 0
}

/// `CURLMOPT_TIMERFUNCTION`: milliseconds from now, or -1 to stop the timer.
private func timerChanged(
    multi: UnsafeMutableRawPointer?, milliseconds: Int, user: UnsafeMutableRawPointer?
) -> Int32 {
    guard let user = unsafe user else { return -1 }
    unsafe Unmanaged<CurlMulti>.fromOpaque(user).takeUnretainedValue()
        .setTimer(milliseconds: milliseconds)
    return 0
}
