import CWebSockets

/// libuv's loop and the server's own handles in it: the signal from other threads, the clock's tick,
/// and the listening socket. For the server thread alone, but for ``signal``.
///
/// libuv keeps pointers to all of it until ``close()``, which is the only place that frees them.
@safe final class LoopHandles {
    let loop: UnsafeMutablePointer<uv_loop_t>
    private let async: UnsafeMutablePointer<uv_async_t>
    private let timer: UnsafeMutablePointer<uv_timer_t>
    private let poll: UnsafeMutablePointer<uv_poll_t>
    private var isTicking = false
    private var isAccepting = false

    init(listener: Int32) throws(WebServerError) {
        unsafe loop = .allocate(capacity: 1)
        unsafe async = .allocate(capacity: 1)
        unsafe timer = .allocate(capacity: 1)
        unsafe poll = .allocate(capacity: 1)
        let status = unsafe uv_loop_init(loop)
        guard status == 0 else {
            unsafe Self.deallocate(loop, async, timer, poll)
            throw Self.failure(status)
        }
        let asyncStatus = unsafe uv_async_init(loop, async) { handle in
            unsafe LoopHandles.owner(of: handle?.pointee.data)?.drainMailbox()
        }
        _ = unsafe uv_timer_init(loop, timer)  // Never fails.
        let pollStatus = unsafe uv_poll_init_socket(loop, poll, listener)
        guard asyncStatus == 0, pollStatus == 0 else {
            // Unreachable but for used-up descriptors; what was opened is closed by the loop.
            unsafe Self.close(timer)
            if asyncStatus == 0 { unsafe Self.close(async) }
            if pollStatus == 0 { unsafe Self.close(poll) }
            _ = unsafe uv_run(loop, UV_RUN_NOWAIT)
            _ = unsafe uv_loop_close(loop)
            unsafe Self.deallocate(loop, async, timer, poll)
            throw Self.failure(asyncStatus == 0 ? pollStatus : asyncStatus)
        }
    }

    /// What other threads wake the loop with.
    var signal: LoopSignal { unsafe LoopSignal(async) }

    var now: UInt64 { unsafe uv_now(loop) }

    /// Names the `ServerLoop` that the callbacks go to; it must outlive ``close()``.
    func bind(_ owner: UnsafeMutableRawPointer) {
        unsafe async.pointee.data = unsafe owner
        unsafe timer.pointee.data = unsafe owner
        unsafe poll.pointee.data = unsafe owner
    }

    /// Runs the loop until ``stopRunning()``.
    func run() {
        _ = unsafe uv_run(loop, UV_RUN_DEFAULT)  // Says whether handles are open; they are.
    }

    func stopRunning() {
        unsafe uv_stop(loop)
    }

    func startAccepting() {
        guard !isAccepting else { return }
        isAccepting = true
        // Fails only for a closed handle.
        _ = unsafe uv_poll_start(poll, Int32(UV_READABLE.rawValue)) { handle, _, _ in
            unsafe LoopHandles.owner(of: handle?.pointee.data)?.acceptClients()
        }
    }

    func stopAccepting() {
        guard isAccepting else { return }
        isAccepting = false
        _ = unsafe uv_poll_stop(poll)  // Never fails.
    }

    func startTicking(interval: UInt64) {
        guard !isTicking else { return }
        isTicking = true
        // Fails only for a closed handle.
        _ = unsafe uv_timer_start(
            timer,
            { handle in unsafe LoopHandles.owner(of: handle?.pointee.data)?.tick() },
            interval, interval)
    }

    func stopTicking() {
        isTicking = false
        _ = unsafe uv_timer_stop(timer)  // Never fails.
    }

    /// Lets closing handles finish: a bounded number of turns without waiting.
    func settle() {
        for _ in 0..<1_000 where unsafe uv_run(loop, UV_RUN_NOWAIT) == 0 { return }
    }

    /// Closes every handle and the loop; false where a handle of someone else is still open.
    func close() -> Bool {
        unsafe Self.close(async)
        unsafe Self.close(timer)
        unsafe Self.close(poll)
        settle()
        // With handles open the memory is left alone: a leak is better than a wild write.
        guard unsafe uv_loop_close(loop) == 0 else { return false }
        unsafe Self.deallocate(loop, async, timer, poll)
        return true
    }

    /// Starts the close of one handle, of whatever type.
    private static func close(_ handle: UnsafeMutableRawPointer) {
        unsafe uv_close(handle.assumingMemoryBound(to: uv_handle_t.self), nil)
    }

    private static func owner(of data: UnsafeMutableRawPointer?) -> ServerLoop? {
        guard let data = unsafe data else { return nil }
        return unsafe Unmanaged<ServerLoop>.fromOpaque(data).takeUnretainedValue()
    }

    private static func deallocate(
        _ loop: UnsafeMutablePointer<uv_loop_t>, _ async: UnsafeMutablePointer<uv_async_t>,
        _ timer: UnsafeMutablePointer<uv_timer_t>, _ poll: UnsafeMutablePointer<uv_poll_t>
    ) {
        unsafe loop.deallocate()
        unsafe async.deallocate()
        unsafe timer.deallocate()
        unsafe poll.deallocate()
    }

    private static func failure(_ status: Int32) -> WebServerError {
        let reason = unsafe String(cString: uv_strerror(status))
        return WebServerError(
            .start, "cannot make the server's event loop: \(reason)", code: -status)
    }
}
