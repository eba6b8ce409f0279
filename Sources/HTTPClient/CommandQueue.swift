import CCurl
import Glibc
import Synchronization

/// Names one transfer of one client. Never used again, so a late command for a transfer that has
/// ended finds nothing.
struct TransferID: Hashable, Sendable {
    let number: UInt64
}

/// What other threads ask of the curl thread.
enum Command: Sendable {
    /// Begin this transfer.
    case start(Exchange, HTTPRequest)
    /// The reader has taken its bytes: let a held transfer go on.
    case release(TransferID)
    /// Nobody wants this transfer any more.
    case cancel(TransferID)
    /// End everything and leave the loop.
    case stop
}

/// The way into the curl thread: any thread posts, the curl thread takes all.
///
/// The descriptor is readable while commands wait. It is written once for each emptying, however
/// many commands are posted.
final class CommandQueue: Sendable {
    private struct State {
        var commands: [Command] = []
        var isClosed = false
    }

    /// An eventfd, to be watched by the curl thread.
    let descriptor: Int32
    private let state = Mutex(State())

    init() throws(HTTPClientError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else {
            throw HTTPClientError(systemCall: "eventfd", errno: errno)
        }
    }

    deinit {
        // Nothing can be done about a failure to close, and nothing is lost by it.
        _ = Glibc.close(descriptor)
    }

    /// Hands a command to the curl thread.
    ///
    /// - Returns: false when the queue is closed and nobody will take the command.
    func post(_ command: Command) -> Bool {
        let (accepted, mustSignal) = state.withLock { state in
            if state.isClosed { return (false, false) }
            state.commands.append(command)
            return (true, state.commands.count == 1)
        }
        if mustSignal {
            // An eventfd refuses only when its counter is full, and then it is readable anyway.
            _ = eventfd_write(descriptor, 1)
        }
        return accepted
    }

    /// Takes all commands, in the order posted.
    func take() -> [Command] {
        var count: eventfd_t = 0
        // Fails when there was no signal, which is as good as one without commands.
        _ = unsafe eventfd_read(descriptor, &count)
        return state.withLock { state in
            let commands = state.commands
            state.commands = []
            return commands
        }
    }

    /// Accepts no further command.
    ///
    /// - Returns: the commands that nobody has taken.
    func close() -> [Command] {
        state.withLock { state in
            state.isClosed = true
            let commands = state.commands
            state.commands = []
            return commands
        }
    }
}
