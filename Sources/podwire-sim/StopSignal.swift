import Dispatch
import Foundation

/// Waits for SIGTERM or SIGINT, which no longer end the process by themselves.
final class StopSignal {
    private let sources: [any DispatchSourceSignal]
    private let stream: AsyncStream<Void>

    /// Takes the signals over.
    init() {
        let (stream, continuation) = AsyncStream<Void>.makeStream(
            bufferingPolicy: .bufferingOldest(1))
        self.stream = stream
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
    }

    /// Returns when a signal has come.
    func wait() async {
        for await _ in stream { return }
    }
}
