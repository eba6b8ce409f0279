import CCurl

/// The curl thread's loop and all that it owns: both multi handles, the epoll, every transfer.
///
/// Made by the client, then handed to the curl thread, which alone uses it from then on. ``run()``
/// returns after a stop command, when everything is freed.
///
/// Transfers that want a connection of their own are in a multi handle of their own, because
/// libcurl 7.88 would let others join their HTTP/2 connection, and would take one HTTP/1.1
/// connection for a sign that the server cannot multiplex.
@safe final class CurlEngine {
    /// How long a socket rests on which libcurl could do nothing; see ``rest(_:)``.
    private static let rest = Duration.milliseconds(10)

    private let commands: CommandQueue
    private let counters: ClientCounters
    private let settings: HTTPClientSettings
    private let poll: EventPoll
    private let turn = LoopTurn()
    private let sessions: TLSSessions
    private let shared: CurlMulti
    private let own: CurlMulti
    private var transports = PinnedTransports()
    private var transfers: [TransferID: CurlTransfer] = [:]
    private var deadlines = DeadlineHeap()
    private var groups: ConnectionGroups
    private var unmuteAt: ContinuousClock.Instant?
    private var isStopping = false

    init(
        settings: HTTPClientSettings, commands: CommandQueue, counters: ClientCounters
    ) throws(HTTPClientError) {
        self.settings = settings
        self.commands = commands
        self.counters = counters
        groups = ConnectionGroups(streams: settings.streamsPerConnection)
        poll = try EventPoll()
        let sessions = try TLSSessions()
        do throws(HTTPClientError) {
            let shared = try CurlMulti(
                poll: poll, turn: turn, streamsPerConnection: settings.streamsPerConnection,
                maxConnections: settings.maxConnections)
            do throws(HTTPClientError) {
                own = try CurlMulti(
                    poll: poll, turn: turn, streamsPerConnection: 1,
                    maxConnections: settings.maxConnections)
            } catch {
                shared.close()
                throw error
            }
            self.shared = shared
        } catch {
            sessions.close()
            throw error
        }
        self.sessions = sessions
        poll.watch(commands.descriptor, reading: true, writing: false, for: nil)
    }

    /// Works until a stop command. Called once, on the curl thread.
    func run() {
        while !isStopping {
            poll.wait(until: nextDeadline) { event in
                turn.now = .now
                if let multi = event.multi {
                    work(on: event, of: multi)
                } else {
                    for command in commands.take() { carryOut(command) }
                }
            }
            turn.now = .now
            fireTimers()
            reapEnded(of: shared)
            reapEnded(of: own)
            expireDeadlines()
            workOffNotes()
        }
        shutDown()
    }

    // MARK: - Commands

    private func carryOut(_ command: Command) {
        switch command {
        case .start(let exchange, let request):
            guard !isStopping, !exchange.isSettled else {
                return exchange.fail(closedError(exchange))
            }
            do throws(HTTPClientError) {
                try start(exchange, request)
            } catch {
                exchange.fail(error)
            }
        case .release(let id):
            transfers[id]?.release()
            unmute()
        case .cancel(let id):
            if let transfer = transfers[id] { end(transfer) }
            unmute()
        case .stop:
            isStopping = true
        }
    }

    private func start(_ exchange: Exchange, _ request: HTTPRequest) throws(HTTPClientError) {
        let multi = request.ownConnection ? own : shared
        let shares = !request.ownConnection && settings.streamsPerConnection > 1
        let transport = transports.pin(request.transport)
        let url = shares ? RequestURL(request.url).flatMap { $0.isSecure ? $0 : nil } : nil
        let transfer = try CurlTransfer(
            exchange, request, multi: multi, group: url.map { .init($0, transport) }, turn: turn,
            counters: counters, transport: transport)
        do throws(HTTPClientError) {
            try transfer.configure(request, connectionOptions(shares: shares))
            if url == nil { try unsafe multi.add(transfer.easy) }
        } catch {
            transfer.close()
            throw error
        }
        transfers[exchange.id] = transfer
        turn.rescheduled.append(transfer)
        add(1, to: counters.requestsStarted)
        add(1, to: counters.activeTransfers)
        if let group = transfer.group {
            groups[group].arrive(exchange.id)
            admit(group)
        }
    }

    /// Hands to libcurl those that need not wait for a connection any longer.
    private func admit(_ group: ConnectionGroups.Key) {
        while let id = groups[group].next() {
            guard let transfer = transfers[id] else { continue }
            do throws(HTTPClientError) {
                try unsafe transfer.multi.add(transfer.easy)
            } catch {
                forget(transfer)
                transfer.exchange.fail(error)
            }
        }
    }

    private func connectionOptions(shares: Bool) -> ConnectionOptions {
        unsafe ConnectionOptions(
            shares: shares, receiveBufferBytes: settings.receiveBufferBytes,
            keepAliveIdle: Int(settings.keepAliveIdle.components.seconds),
            keepAliveInterval: Int(settings.keepAliveInterval.components.seconds),
            sessions: sessions.handle)
    }

    // MARK: - Events

    private func work(on event: EventPoll.Event, of multi: CurlMulti) {
        let before = turn.progress
        multi.socketReady(event)
        if turn.progress == before, turn.heldTransfers > 0, event.isReadable {
            rest(event.descriptor)
        }
    }

    /// Leaves a socket alone for a moment.
    ///
    /// When a held transfer of an HTTP/2 connection has filled its receive buffer, libcurl reads
    /// nothing from the connection for any transfer, but still asks for its socket as long as one
    /// of them is not held. The socket stays readable, and the loop would spin.
    private func rest(_ descriptor: Int32) {
        poll.mute(descriptor)
        if unmuteAt == nil { unmuteAt = turn.now + Self.rest }
    }

    private func unmute() {
        unmuteAt = nil
        if poll.hasMuted { poll.unmuteAll() }
    }

    private func fireTimers() {
        if let deadline = shared.deadline, deadline <= turn.now { shared.timerFired() }
        if let deadline = own.deadline, deadline <= turn.now { own.timerFired() }
        if let deadline = unmuteAt, deadline <= turn.now { unmute() }
    }

    private var nextDeadline: ContinuousClock.Instant? {
        [shared.deadline, own.deadline, unmuteAt, deadlines.earliest].lazy.compactMap { $0 }.min()
    }

    private func reapEnded(of multi: CurlMulti) {
        unsafe multi.forEachEnded { easy, result in
            guard let user = unsafe podwire_easy_private(easy) else { return }
            let transfer = unsafe Unmanaged<CurlTransfer>.fromOpaque(user).takeUnretainedValue()
            let failure = transfer.failure(for: result)
            forget(transfer)
            if let failure {
                transfer.exchange.fail(failure)
            } else {
                transfer.exchange.complete()
            }
        }
    }

    private func expireDeadlines() {
        while let id = deadlines.popExpired(at: turn.now) {
            guard let transfer = transfers[id] else { continue }
            switch transfer.deadlines.verdict(at: turn.now) {
            case .wait(let next):
                deadlines.set(next, for: id)
            case .expired(let code):
                end(transfer)
                transfer.exchange.fail(
                    transfer.exchange.error(code, "the time limit was reached"))
            }
        }
    }

    private func workOffNotes() {
        for transfer in turn.rescheduled where transfers[transfer.exchange.id] === transfer {
            if let group = transfer.group, let port = transfer.port {
                groups[group].place(transfer.exchange.id, port: port)
                if transfer.isOnHTTP2 == false { groups[group].serverDoesNotShare() }
                admit(group)
            }
            if case .wait(let next) = transfer.deadlines.verdict(at: turn.now) {
                deadlines.set(next, for: transfer.exchange.id)
            } else {
                deadlines.set(turn.now, for: transfer.exchange.id)
            }
        }
        turn.rescheduled.removeAll(keepingCapacity: true)
        for transfer in turn.awaited { transfer.deliver() }
        turn.awaited.removeAll(keepingCapacity: true)
    }

    // MARK: - Ends

    /// Takes a running transfer away from libcurl: its stream is reset, or its connection closed.
    ///
    /// libcurl 7.88 only buffers the reset of an HTTP/2 stream, and sends it with whatever comes
    /// next on the connection, so that the server would keep a cancelled stream going. A neighbour
    /// on the connection is made to flush it; where there is none, the connection is closed.
    private func end(_ transfer: CurlTransfer) {
        transfer.closeConnectionBehind()
        unsafe transfer.multi.remove(transfer.easy)
        forget(transfer)
        guard let group = transfer.group, let port = transfer.port else { return }
        _ = groups[group].members(port: port).first { transfers[$0]?.poke() == true }
    }

    private func forget(_ transfer: CurlTransfer) {
        deadlines.remove(transfer.exchange.id)
        transfers[transfer.exchange.id] = nil
        transfer.close()
        add(-1, to: counters.activeTransfers)
        if let group = transfer.group {
            groups[group].leave(transfer.exchange.id, port: transfer.port)
            if !isStopping { admit(group) }
        }
    }

    private func shutDown() {
        for command in commands.close() { carryOut(command) }
        for transfer in Array(transfers.values) {
            end(transfer)
            transfer.exchange.fail(closedError(transfer.exchange))
        }
        workOffNotes()
        shared.close()
        own.close()
        sessions.close()
    }

    private func closedError(_ exchange: Exchange) -> HTTPClientError {
        exchange.error(.closed, "the client was closed")
    }
}
