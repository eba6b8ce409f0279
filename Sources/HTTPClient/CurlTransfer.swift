import CCurl

/// One transfer as libcurl sees it: the easy handle, and the callbacks that receive its response.
///
/// Used on the curl thread alone. libcurl keeps a pointer to it between `init` and ``close()``,
/// which the engine calls when the handle has left its multi handle.
@safe final class CurlTransfer {
    let exchange: Exchange
    /// The easy handle, valid until ``close()``.
    let easy: UnsafeMutableRawPointer
    /// The set that the transfer is in.
    let multi: CurlMulti
    /// Those it may share a connection with; nil where it has one for itself.
    let group: ConnectionGroups.Key?
    /// The local port of its connection; nil before it has one.
    private(set) var port: Int?
    /// Whether its connection can be shared; nil before its head.
    private(set) var isOnHTTP2: Bool?
    /// When it must have got how far.
    var deadlines: TransferDeadlines

    private let turn: LoopTurn
    private let counters: ClientCounters
    private let transport: PinnedTransport
    private let errorText: UnsafeMutablePointer<CChar>
    private var fields = CurlList()
    private var connectTo = CurlList()
    private var parser: ResponseHeadParser
    private var hasHead = false
    private var isHeld = false
    private var isAwaited = false
    private var isClosed = false

    /// Prepares a transfer; nothing is sent yet.
    init(
        _ exchange: Exchange, _ request: HTTPRequest, multi: CurlMulti,
        group: ConnectionGroups.Key?, turn: LoopTurn, counters: ClientCounters,
        transport: PinnedTransport
    ) throws(HTTPClientError) {
        guard let easy = unsafe curl_easy_init() else {
            throw exchange.error(.other, "curl_easy_init: out of memory")
        }
        unsafe self.easy = easy
        self.exchange = exchange
        self.multi = multi
        self.group = group
        self.turn = turn
        self.counters = counters
        self.transport = transport
        deadlines = TransferDeadlines(request.timeouts, start: turn.now)
        parser = ResponseHeadParser(followsRedirects: request.followRedirects)
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        precondition(isClosed, "a transfer is closed before it is dropped")
    }

    /// Sets all options.
    func configure(_ request: HTTPRequest, _ connections: ConnectionOptions)
        throws(HTTPClientError)
    {
        var options = unsafe EasyOptions(easy: easy, operation: exchange.operation)
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe options.set(CURLOPT_PRIVATE, pointer: this)
        unsafe options.set(CURLOPT_ERRORBUFFER, pointer: errorText)
        unsafe options.set(CURLOPT_WRITEFUNCTION, receiver: transferBodyArrived, argument: this)
        unsafe options.set(CURLOPT_HEADERFUNCTION, receiver: transferHeaderArrived, argument: this)
        unsafe options.set(prerequest: transferConnected, argument: this)
        options.apply(connections, counters: counters)
        options.apply(transport)
        try options.apply(request, fields: &fields, connectTo: &connectTo)
        try options.check()
    }

    /// Frees the handle, which must have left its multi handle; libcurl calls back no more.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        if isHeld { turn.heldTransfers -= 1 }
        unsafe curl_easy_cleanup(easy)
        unsafe errorText.deallocate()
    }

    /// Lets a held transfer go on. libcurl may hand over what it kept before this returns.
    func release() {
        guard isHeld else { return }
        setHeld(false)
        deadlines.released(at: turn.now)
        turn.rescheduled.append(self)
        // A failure shows as the end of the transfer, or the transfer has ended already.
        _ = unsafe curl_easy_pause(easy, 0)  // CURLPAUSE_CONT
    }

    /// Makes libcurl send what it has buffered for the transfer's connection, and look at what it
    /// has received there.
    ///
    /// - Returns: false when the transfer is held; its release will do the same.
    func poke() -> Bool {
        guard !isHeld else { return false }
        // A failure of either shows as the end of the transfer.
        _ = unsafe curl_easy_pause(easy, CURLPAUSE_RECV)
        _ = unsafe curl_easy_pause(easy, 0)
        return true
    }

    /// Has the connection closed with the transfer, if no other transfer uses it.
    func closeConnectionBehind() {
        // Fails only for an option that libcurl does not know.
        _ = unsafe podwire_easy_set_long(easy, CURLOPT_FORBID_REUSE, 1)
    }

    /// Gives a waiting consumer what has arrived in this turn.
    func deliver() {
        isAwaited = false
        exchange.deliver()
    }

    /// Why libcurl ended the transfer; nil when it ended well.
    func failure(for result: CURLcode) -> HTTPClientError? {
        if result == CURLE_OK { return nil }
        var message = unsafe String(cString: errorText)
        if message.isEmpty { message = unsafe String(cString: curl_easy_strerror(result)) }
        return exchange.error(
            .init(result, message: message), curlCode: Int(result.rawValue), message)
    }

    private func setHeld(_ held: Bool) {
        guard held != isHeld else { return }
        isHeld = held
        turn.heldTransfers += held ? 1 : -1
    }

    fileprivate func connected(port: Int) {
        turn.progress += 1
        self.port = port
        turn.rescheduled.append(self)
    }

    fileprivate func takeHeader(_ line: UnsafeRawBufferPointer) -> Int {
        turn.progress += 1
        if let head = unsafe parser.take(line) {
            hasHead = true
            deadlines.headArrived(at: turn.now)
            isOnHTTP2 = head.httpVersion == "2"
            turn.rescheduled.append(self)
            exchange.headArrived(head)
        }
        return line.count
    }

    fileprivate func takeBody(_ chunk: UnsafeRawBufferPointer) -> Int {
        turn.progress += 1
        guard hasHead else { return chunk.count }  // of a redirect or a refused tunnel
        switch unsafe exchange.offer(chunk) {
        case .taken: break
        case .awaited:
            if !isAwaited {
                isAwaited = true
                turn.awaited.append(self)
            }
        case .full:
            setHeld(true)
            deadlines.held()
            add(1, to: counters.holds)
            return Int(CURL_WRITEFUNC_PAUSE)
        case .abandoned:
            return 0  // libcurl ends the transfer; the command to remove it is on its way
        }
        deadlines.bytesArrived(at: turn.now)
        add(chunk.count, to: counters.bytesReceived)
        return chunk.count
    }
}

/// `CURLOPT_PREREQFUNCTION`: the transfer has a connection, new or shared, and will now ask.
private func transferConnected(
    user: UnsafeMutableRawPointer?, address: UnsafeMutablePointer<CChar>?,
    localAddress: UnsafeMutablePointer<CChar>?, port: Int32, localPort: Int32
) -> Int32 {
    guard let user = unsafe user else { return CURL_PREREQFUNC_ABORT }
    unsafe Unmanaged<CurlTransfer>.fromOpaque(user).takeUnretainedValue()
        .connected(port: Int(localPort))
    return CURL_PREREQFUNC_OK
}

/// `CURLOPT_HEADERFUNCTION`: one whole header line.
private func transferHeaderArrived(
    bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, user: UnsafeMutableRawPointer?
) -> Int {
    guard let user = unsafe user else { return 0 }
    let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    return unsafe Unmanaged<CurlTransfer>.fromOpaque(user).takeUnretainedValue()
        .takeHeader(line)
}

/// `CURLOPT_WRITEFUNCTION`: at most `CURL_MAX_WRITE_SIZE` (16 KiB) of the body.
private func transferBodyArrived(
    bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, user: UnsafeMutableRawPointer?
) -> Int {
    guard let user = unsafe user else { return 0 }
    let chunk = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    return unsafe Unmanaged<CurlTransfer>.fromOpaque(user).takeUnretainedValue()
        .takeBody(chunk)
}
