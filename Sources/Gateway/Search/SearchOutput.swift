import ByteBlocks
import Synchronization

/// What a search has found and the client has not yet taken: blocks, bounded in bytes.
///
/// Beyond ``byteLimit`` ``push(_:)`` waits, and the search with it. The searching task pushes, the
/// server's thread takes, and ``close()`` may come from anywhere.
final class SearchOutput: Sendable {
    /// Bytes held, 256 KiB: beyond it the search waits for its client.
    static let byteLimit = 256 << 10
    /// How long a client may take nothing of that, 60 s: beyond it its search ends and its body is
    /// cut, so that others get its place.
    static let patience: Duration = .seconds(60)

    /// The client has taken nothing for too long.
    struct ClientStalled: Error {}

    /// How it ended.
    enum End: Sendable {
        /// Everything was found.
        case complete
        /// The rest is missing: the body must be cut.
        case cut
    }

    /// What there is for the client.
    enum Taken: Sendable {
        case block(ByteBlock)
        case wait
        case end(End)
    }

    private struct State {
        var blocks: [ByteBlock] = []
        var bytes = 0
        var end: End?
        var isClosed = false
        var isStalled = false
        var wake: (@Sendable () -> Void)?
        var pushing: CheckedContinuation<Bool, Never>?
        /// Whether a block or an end has come, so that what goes wrong comes too late for a refusal.
        var hasBegun = false
        var refusal: (any Error)?
        var opening: CheckedContinuation<Void, any Error>?

        mutating func begin() -> CheckedContinuation<Void, any Error>? {
            hasBegun = true
            return opening.take()
        }
    }

    /// Whom to tell of a block, and whether the pusher must wait.
    private typealias Pushed = (
        begun: CheckedContinuation<Void, any Error>?, wake: (@Sendable () -> Void)?, isTooMuch: Bool
    )

    private let patience: Duration
    private let state = Mutex(State())

    /// An empty output.
    init(patience: Duration = SearchOutput.patience) {
        self.patience = patience
    }

    /// Adds a block, and waits while there are too many.
    ///
    /// - Throws: `CancellationError` when nobody wants it any more, ``ClientStalled`` when the client
    ///   takes nothing for too long.
    func push(_ block: ByteBlock) async throws {
        let (begun, wake, isTooMuch) = state.withLock { state -> Pushed in
            guard !state.isClosed else { return (nil, nil, false) }
            state.blocks.append(block)
            state.bytes += block.count
            return (state.begin(), state.wake, state.bytes > Self.byteLimit)
        }
        begun?.resume()
        wake?()
        if isTooMuch { try await waitForRoom() }
        if state.withLock({ $0.isClosed }) { throw CancellationError() }
    }

    private func waitForRoom() async throws {
        state.withLock { $0.isStalled = false }
        let timer = Task {
            try await ContinuousClock().sleep(for: patience)
            let pushing = state.withLock { state in
                state.isStalled = true
                return state.pushing.take()
            }
            pushing?.resume(returning: false)
        }
        defer { timer.cancel() }
        let hasRoom = await withCheckedContinuation { continuation in
            let hasRoom = state.withLock { state -> Bool? in
                if state.isClosed || state.bytes <= Self.byteLimit { return true }
                if state.isStalled { return false }
                state.pushing = continuation
                return nil
            }
            if let hasRoom { continuation.resume(returning: hasRoom) }
        }
        if !hasRoom { throw ClientStalled() }
    }

    /// Nothing more comes.
    func finish(_ end: End) {
        let (begun, wake) = state.withLock { state in
            state.end = end
            return (state.begin(), state.wake)
        }
        begun?.resume()
        wake?()
    }

    /// Nothing comes, because of `error`; `false` where something has come already.
    func refuse(_ error: any Error) -> Bool {
        let (isRefused, opening) = state.withLock { state in
            guard !state.hasBegun else {
                return (false, CheckedContinuation<Void, any Error>?.none)
            }
            state.refusal = error
            return (true, state.opening.take())
        }
        opening?.resume(throwing: error)
        return isRefused
    }

    /// Waits until there is something for the client, at least the end.
    ///
    /// - Throws: why nothing comes.
    func opened() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state -> Result<Void, any Error>? in
                if let refusal = state.refusal { return .failure(refusal) }
                if state.isClosed { return .failure(CancellationError()) }
                if state.hasBegun { return .success(()) }
                state.opening = continuation
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }

    /// Takes the next block. After ``Taken/wait`` the closure `wake` is called when to ask again.
    func take(wake: @escaping @Sendable () -> Void) -> Taken {
        let (taken, pushing) = state.withLock {
            state -> (Taken, CheckedContinuation<Bool, Never>?) in
            guard !state.blocks.isEmpty else {
                if let end = state.end { return (.end(end), nil) }
                state.wake = wake
                return (.wait, nil)
            }
            let block = state.blocks.removeFirst()
            state.bytes -= block.count
            return (.block(block), state.bytes <= Self.byteLimit ? state.pushing.take() : nil)
        }
        pushing?.resume(returning: true)
        return taken
    }

    /// Nobody wants it any more. Idempotent.
    func close() {
        let (pushing, opening) = state.withLock { state in
            state.isClosed = true
            state.blocks = []
            state.bytes = 0
            return (state.pushing.take(), state.opening.take())
        }
        pushing?.resume(returning: true)
        opening?.resume(throwing: CancellationError())
    }
}
