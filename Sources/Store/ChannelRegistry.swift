import Synchronization

/// The channels that exist, by stream. It does not keep them alive: their writers, tails and the
/// recent windows do.
final class ChannelRegistry: Sendable {
    private struct Weak {
        weak var channel: StreamChannel?
    }

    private struct State {
        var channels: [Int64: Weak] = [:]
        /// Registrations after which the dead entries are swept out.
        var untilSweep = 1_024
    }

    private let state = Mutex(State())

    /// The channel of a stream; a new one when there is none.
    func channel(row: Int64, descriptor: StreamDescriptor) -> StreamChannel {
        state.withLock { state in
            if let known = state.channels[row]?.channel { return known }
            let channel = StreamChannel(row: row, descriptor: descriptor)
            state.channels[row] = Weak(channel: channel)
            state.untilSweep -= 1
            if state.untilSweep <= 0 {
                state.channels = state.channels.filter { $0.value.channel != nil }
                state.untilSweep = max(1_024, state.channels.count)
            }
            return channel
        }
    }

    /// All channels that exist.
    var all: [StreamChannel] {
        state.withLock { $0.channels.values.compactMap(\.channel) }
    }
}
