import CWebSockets
import Synchronization

/// What other threads have for the server thread: wakes, responses, the order to stop.
///
/// Any thread may post; one `uv_async_send` goes out for all that is posted until the server thread
/// drains. The list of wakes is bounded by the number of sockets and HTTP/2 streams, because
/// one that is on it is not put on it again.
final class ServerMailbox: Sendable {
    /// An order to stop, and what WebSocket clients are told.
    struct StopOrder: Sendable {
        let code: UInt16
        let reason: String
    }

    /// A handler's answer to the request that a connection is waiting with.
    struct Answer: Sendable {
        enum Content: Sendable {
            case response(ServerResponse)
            /// To one of an HTTP/2 connection's requests.
            case streamResponse(HTTP2StreamID, ServerResponse)
            case decision(UpgradeDecision)

            /// Closes what will not be sent.
            func discard() {
                switch self {
                case .response(let response), .streamResponse(_, let response):
                    response.source?.closed()
                case .decision(.accept(_, let session)): session.closed()
                case .decision(.refuse): break
                }
            }
        }

        let connection: ConnectionID
        let content: Content
    }

    /// What was posted. The server thread swaps it with an empty one that keeps its capacity.
    struct Post {
        var wakes: [WakeTicket] = []
        var answers: [Answer] = []
        var certificate: TLSFiles?
        var stop: StopOrder?

        mutating func removeAll() {
            wakes.removeAll(keepingCapacity: true)
            answers.removeAll(keepingCapacity: true)
            certificate = nil
            stop = nil
        }
    }

    fileprivate struct State {
        var post = Post()
        /// Set from the first post to the next drain: the loop has been told.
        var isSignalled = false
        /// Nil before the loop runs and after it ended.
        var signal: LoopSignal?
        var hasEnded = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Connects the mailbox with the running loop.
    func open(_ signal: LoopSignal) {
        state.withLock { $0.signal = signal }
    }

    /// Asks for a pull on the ticket's connection.
    func wake(_ ticket: WakeTicket) {
        if ticket.isQueued.exchange(true, ordering: .acquiringAndReleasing) { return }
        state.withLock { state in
            guard !state.hasEnded else { return }
            state.post.wakes.append(ticket)
            state.tellLoop()
        }
    }

    /// Hands over an answer; after the end of the server it is closed here.
    func deliver(_ answer: Answer) {
        let isLate = state.withLock { state in
            guard !state.hasEnded else { return true }
            state.post.answers.append(answer)
            state.tellLoop()
            return false
        }
        if isLate { answer.content.discard() }
    }

    /// Hands over a certificate for the connections to come; the last one counts.
    func replaceCertificate(_ files: TLSFiles) {
        state.withLock { state in
            guard !state.hasEnded else { return }
            state.post.certificate = files
            state.tellLoop()
        }
    }

    /// Asks the server to stop; the first order counts.
    func requestStop(_ order: StopOrder) {
        state.withLock { state in
            guard !state.hasEnded else { return }
            state.post.stop = state.post.stop ?? order
            state.tellLoop()
        }
    }

    /// Swaps what was posted with `post`, which must be empty.
    func drain(into post: inout Post) {
        state.withLock { state in
            swap(&state.post, &post)
            state.isSignalled = false
        }
    }

    /// Cuts the connection with the loop, closes what is left, and resumes who waits for the end.
    func end() {
        let (rest, waiters) = state.withLock { state in
            state.hasEnded = true
            state.signal = nil
            let result = (state.post.answers, state.waiters)
            state.post = Post()
            state.waiters = []
            return result
        }
        for answer in rest { answer.content.discard() }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until the loop has ended.
    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.waiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }
}

extension ServerMailbox.State {
    /// Under the lock, so that the handle cannot be closed meanwhile; it is one write to an eventfd.
    fileprivate mutating func tellLoop() {
        guard !isSignalled, let signal else { return }
        isSignalled = true
        signal.send()
    }
}

/// The place of a connection, or of one of its HTTP/2 streams, among the wakes.
final class WakeTicket: Sendable {
    let connection: ConnectionID
    let stream: HTTP2StreamID?
    /// Whether the ticket is in the mailbox; cleared by the server thread before it acts on it.
    let isQueued = Atomic(false)

    init(_ connection: ConnectionID, stream: HTTP2StreamID? = nil) {
        self.connection = connection
        self.stream = stream
    }
}

/// The handle that wakes the loop.
///
/// `@unchecked Sendable`: `uv_async_send` is the one function of libuv that any thread may call, and
/// the mailbox's lock keeps the handle open while it is called.
@safe struct LoopSignal: @unchecked Sendable {
    private let handle: UnsafeMutablePointer<uv_async_t>

    init(_ handle: UnsafeMutablePointer<uv_async_t>) {
        unsafe self.handle = unsafe handle
    }

    func send() {
        _ = unsafe uv_async_send(handle)  // Fails only for a handle of another type.
    }
}
