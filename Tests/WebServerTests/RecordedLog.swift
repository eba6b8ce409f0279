import Glibc
import Logging
import Synchronization

/// A log that a test can read.
final class RecordedLog: Sendable {
    private let lines = Mutex<[String]>([])

    var logger: Logger {
        Logger(label: "test") { [self] _ in Handler(log: self) }
    }

    func has(_ text: String) -> Bool {
        lines.withLock { $0.contains { $0.contains(text) } }
    }

    /// Whether the text is logged within a minute.
    func waits(for text: String) -> Bool {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if has(text) { return true }
            sched_yield()
        }
        return false
    }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = event.metadata.map { "\($0)" } ?? ""
            log.lines.withLock { $0.append("\(event.message) \(metadata)") }
        }
    }
}
