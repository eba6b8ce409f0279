import ByteBlocks
import Logging
import Store
import Synchronization
import WebServer

/// The event feed as an HTTP body: NDJSON or server-sent events.
final class EventBody: BodySource {
    /// How events are written.
    enum Form: Sendable {
        /// One CloudEvent a line.
        case lines
        /// `id: SEQUENCE`, `data: CLOUDEVENT`.
        case serverSent
    }

    private let reader: EventReader
    private let form: Form
    private let logger: Logger
    private let wake = Mutex<SocketWake?>(nil)

    /// A body of what `reader` gives.
    init(_ reader: EventReader, _ form: Form, logger: Logger) {
        self.reader = reader
        self.form = form
        self.logger = logger
    }

    func opened(_ wake: SocketWake) {
        self.wake.withLock { $0 = wake }
    }

    func pull() -> BodyPull {
        guard let wake = wake.withLock({ $0 }) else { return .wait }
        switch reader.next(wake: { wake.wake() }) {
        case .events(let events): return .bytes(Self.encode(events, form))
        case .wait: return .wait
        case .end: return .end
        case .failed(is StatusResponse): return .abort
        case .failed(let error):
            logger.error("events could not be read", metadata: ["error": "\(error)"])
            return .abort
        }
    }

    func closed() {
        reader.close()
    }

    /// The bytes of `events`, whose JSON was made once for all readers.
    static func encode(_ events: [EventRecord], _ form: Form) -> ByteBlock {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(events.reduce(0) { $0 + $1.json.count + 32 })
        for event in events {
            if form == .serverSent {
                bytes.append(contentsOf: "id: \(event.sequence)\ndata: ".utf8)
            }
            bytes.append(contentsOf: event.json.bytes)
            bytes.append(contentsOf: form == .serverSent ? "\n\n".utf8 : "\n".utf8)
        }
        return ByteBlock(bytes)
    }
}
