import ByteBlocks
import Synchronization
import WebServer

/// The truth about every instance, one JSON object a line: pulled, so that it is never in memory as
/// a whole. Each object shows its instance as it is when its turn comes.
final class StreamsBody: BodySource {
    /// What one pull writes, unless one object is longer.
    private static let blockBytes = 64 << 10
    /// Instances that one pull looks at: bounds the time on the server thread.
    private static let instancesAPull = 64

    private struct State {
        var rest: ArraySlice<InstanceLog>
        var current: InstanceTruth?
    }

    private let clock: any SimulatedClock
    private let state: Mutex<State>

    init(_ logs: [InstanceLog], clock: any SimulatedClock) {
        self.clock = clock
        state = Mutex(State(rest: logs[...]))
    }

    func opened(_ wake: SocketWake) {}

    func pull() -> BodyPull {
        state.withLock { state in
            if state.rest.isEmpty { return .end }
            var bytes: [UInt8] = []
            for _ in 0..<Self.instancesAPull where bytes.count < Self.blockBytes {
                guard let log = state.rest.first else { break }
                let truth = state.current ?? log.truth(at: clock.now)
                state.current = truth
                // Bytes are counted bit by bit: an empty block has the server come back for more.
                guard let size = log.countBytes(ofLines: truth.lines) else { break }
                truth.encode(size: size, to: &bytes)
                state.current = nil
                state.rest.removeFirst()
            }
            return .bytes(ByteBlock(bytes))
        }
    }

    func closed() {}
}
