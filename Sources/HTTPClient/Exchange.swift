import Synchronization

/// The meeting point of one transfer: the curl thread delivers here, one consumer takes from here.
///
/// It owns the bytes that are not delivered yet, and the outcome, which is settled once under the
/// lock: of a completion, a failure, a timeout and a cancellation the first one wins, and later
/// ones find it settled. All decisions fall under the lock; continuations are resumed, and commands
/// posted, outside it. Each continuation is taken out of the state before it is resumed, so it is
/// resumed once.
final class Exchange: Sendable {
    /// What became of bytes that libcurl offered.
    enum Offer {
        /// They are in the buffer, and nobody waits for them.
        case taken
        /// They are in the buffer, and the consumer waits: call ``deliver()`` before sleeping.
        case awaited
        /// No room: libcurl must keep them and hold the transfer back.
        case full
        /// The transfer has been settled; nobody will take them.
        case abandoned
    }

    private enum Outcome {
        case complete
        case failed(HTTPClientError)
    }

    private struct State {
        var headWaiter: CheckedContinuation<ResponseHead, any Error>?
        var reader: CheckedContinuation<[UInt8]?, any Error>?
        var bytes: [UInt8] = []
        var lastCount = 0
        var isHeld = false
        var outcome: Outcome?
    }

    /// Bytes at which a waiting consumer gets what is there while libcurl is still reading, so that
    /// both work at once. Less would mean more switches between threads, more would leave the
    /// processor's cache.
    static let handOverBytes = 128 * 1024

    let id: TransferID
    /// For errors: method and URL without the query.
    let operation: String
    private let limit: Int
    private let commands: CommandQueue
    private let state = Mutex(State())

    init(id: TransferID, operation: String, limit: Int, commands: CommandQueue) {
        self.id = id
        self.operation = operation
        self.limit = max(1, limit)
        self.commands = commands
    }

    // MARK: - The consumer's side: any thread

    /// Starts the transfer and waits for the final response head. Called once.
    func head(starting request: HTTPRequest) async throws -> ResponseHead {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                let failure = state.withLock { state -> HTTPClientError? in
                    if case .failed(let error) = state.outcome { return error }
                    state.headWaiter = waiter
                    return nil
                }
                if let failure {
                    waiter.resume(throwing: failure)
                } else if !commands.post(.start(self, request)) {
                    settle(failure: error(.closed, "the client is closed"))
                }
            }
        } onCancel: {
            cancel()
        }
    }

    /// All bytes that have arrived, or nil at the clean end; waits where there is neither.
    ///
    /// Bytes that arrived before a failure come before the error. Cancelling the task cancels the
    /// transfer.
    func next() async throws -> [UInt8]? {
        if let ready = take() { return try ready.get() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { reader in
                if let ready = take(orWaitWith: reader) { reader.resume(with: ready) }
            }
        } onCancel: {
            cancel()
        }
    }

    /// Ends the transfer, and drops what is not delivered.
    func cancel() {
        let wasRunning = settle(failure: error(.cancelled, "cancelled"), droppingBytes: true)
        if wasRunning {
            // False when the client is closed, and then the transfer is gone already.
            _ = commands.post(.cancel(id))
        }
    }

    /// Whether the transfer has come to its end, well or badly.
    var isSettled: Bool {
        state.withLock { $0.outcome != nil }
    }

    private typealias Ready = Result<[UInt8]?, any Error>

    private func take(
        orWaitWith reader: CheckedContinuation<[UInt8]?, any Error>? = nil
    ) -> Ready? {
        let (ready, mustRelease) = state.withLock { state -> (Ready?, Bool) in
            precondition(state.reader == nil, "a body has one consumer")
            if !state.bytes.isEmpty {
                let mustRelease = state.isHeld && state.outcome == nil
                state.isHeld = false
                return (.success(Self.takeBytes(&state)), mustRelease)
            }
            switch state.outcome {
            case .complete: return (.success(nil), false)
            case .failed(let error): return (.failure(error), false)
            case nil:
                state.reader = reader
                return (nil, false)
            }
        }
        if mustRelease {
            // False when the client is closed, and then the outcome is settled or about to be.
            _ = commands.post(.release(id))
        }
        return ready
    }

    private static func takeBytes(_ state: inout State) -> [UInt8] {
        let bytes = state.bytes
        state.bytes = []
        state.lastCount = bytes.count
        return bytes
    }

    // MARK: - The curl thread's side

    /// The final response head is complete.
    func headArrived(_ head: ResponseHead) {
        let waiter = state.withLock { state in
            let waiter = state.headWaiter
            state.headWaiter = nil
            return waiter
        }
        waiter?.resume(returning: head)
    }

    /// Takes a chunk of the body into the buffer, if there is room. Copies, and no more.
    func offer(_ chunk: UnsafeRawBufferPointer) -> Offer {
        let (offer, handOver) = state.withLock {
            state -> (Offer, (CheckedContinuation<[UInt8]?, any Error>, [UInt8])?) in
            if state.outcome != nil { return (.abandoned, nil) }
            var handOver: (CheckedContinuation<[UInt8]?, any Error>, [UInt8])?
            if state.bytes.count >= min(limit, Self.handOverBytes), let reader = state.reader {
                state.reader = nil
                handOver = (reader, Self.takeBytes(&state))
            } else if state.bytes.count >= limit {
                state.isHeld = true
                return (.full, nil)
            }
            if state.bytes.isEmpty {
                // A quick stream fills its buffer as far as the last time.
                state.bytes.reserveCapacity(max(chunk.count, min(state.lastCount, limit)))
            }
            unsafe state.bytes.append(contentsOf: chunk)
            return (state.reader == nil ? .taken : .awaited, handOver)
        }
        if let (reader, bytes) = handOver { reader.resume(returning: bytes) }
        return offer
    }

    /// Gives a waiting consumer what is there.
    func deliver() {
        let handOver = state.withLock {
            state -> (CheckedContinuation<[UInt8]?, any Error>, [UInt8])? in
            guard !state.bytes.isEmpty, let reader = state.reader else { return nil }
            state.reader = nil
            return (reader, Self.takeBytes(&state))
        }
        if let (reader, bytes) = handOver { reader.resume(returning: bytes) }
    }

    /// The transfer has ended well: what is in the buffer is all there is.
    func complete() {
        deliver()
        let reader = state.withLock { state -> CheckedContinuation<[UInt8]?, any Error>? in
            guard state.outcome == nil else { return nil }
            state.outcome = .complete
            let reader = state.reader
            state.reader = nil
            return reader
        }
        reader?.resume(returning: nil)
        // A transfer that ends well without a head has not spoken HTTP.
        let waiter = state.withLock { state in
            let waiter = state.headWaiter
            state.headWaiter = nil
            return waiter
        }
        waiter?.resume(throwing: error(.protocolError, "the response has no head"))
    }

    /// The transfer has failed.
    func fail(_ error: HTTPClientError) {
        deliver()
        settle(failure: error)
    }

    /// An error of this transfer.
    func error(
        _ code: HTTPClientError.Code, curlCode: Int? = nil, _ message: String
    ) -> HTTPClientError {
        HTTPClientError(operation: operation, code: code, curlCode: curlCode, message: message)
    }

    /// Settles the outcome, unless it is settled, and tells whoever waits.
    ///
    /// - Returns: whether the transfer was still running.
    @discardableResult
    private func settle(failure: HTTPClientError, droppingBytes: Bool = false) -> Bool {
        let (wasRunning, waiter, reader) = state.withLock { state in
            let wasRunning = state.outcome == nil
            if wasRunning || droppingBytes { state.outcome = .failed(failure) }
            if droppingBytes { state.bytes = [] }
            let waiters = (wasRunning, state.headWaiter, state.reader)
            state.headWaiter = nil
            state.reader = nil
            return waiters
        }
        waiter?.resume(throwing: failure)
        reader?.resume(throwing: failure)
        return wasRunning
    }
}
