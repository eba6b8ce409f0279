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

        /// Its media type.
        var contentType: String {
            switch self {
            case .lines: "application/x-ndjson"
            case .serverSent: EventStream.contentType
            }
        }
    }

    private let reader: any EventSource
    private let form: Form
    private let logger: Logger
    private let wake = Mutex<SocketWake?>(nil)
    /// Whether a server-sent stream has said why it is closed.
    private let isExplained = Mutex(false)

    /// A body of what `reader` gives.
    init(_ reader: any EventSource, _ form: Form, logger: Logger) {
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
        case .closed(let code, let reason): return explain(code, reason)
        case .failed(is StatusResponse): return .abort
        case .failed(let error):
            logger.error("events could not be read", metadata: ["error": "\(error)"])
            return .abort
        }
    }

    func closed() {
        reader.close()
    }

    /// A server-sent stream has an event for why it ends; lines have none, so they are cut.
    private func explain(_ code: CloseCode, _ reason: String) -> BodyPull {
        guard form == .serverSent else { return .abort }
        let isFirst = isExplained.withLock { isExplained in
            defer { isExplained = true }
            return !isExplained
        }
        guard isFirst else { return .end }
        return .bytes(ByteBlock(EventStream.close(code, reason: reason)))
    }

    /// This body as a response of unknown length.
    var response: ServerResponse {
        let head = ResponseHead(
            status: 200,
            fields: [
                HeaderField("Content-Type", form.contentType),
                HeaderField("Cache-Control", "no-store"),
                HeaderField("X-Content-Type-Options", "nosniff"),
            ])
        return .stream(head, source: self)
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
