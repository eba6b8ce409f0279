import Foundation
import LogModel
import Logging
import Synchronization

/// Writes each log entry as one JSON object a line to standard error.
///
/// `{"time":"…Z","level":"info","label":"podwire","message":"…","KEY":"metadata value"}`. Metadata
/// keys that would hide one of the four fixed ones are prefixed with `_`.
struct JSONLogHandler: LogHandler {
    private static let output = Mutex(FileHandle.standardError)
    private static let fixed: Set<String> = ["time", "level", "label", "message"]

    private let label: String
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]

    init(label: String) {
        self.label = label
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields: [String: String] = [
            "time": LogTime.now.description, "level": event.level.rawValue, "label": label,
            "message": event.message.description,
        ]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            fields[Self.fixed.contains(key) ? "_" + key : key] = value.description
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var line = try? encoder.encode(fields) else {
            return  // A dictionary of strings always encodes.
        }
        line.append(0x0A)
        Self.output.withLock { $0.write(line) }
    }
}
