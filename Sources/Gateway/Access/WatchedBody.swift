import ByteBlocks
import Synchronization
import WebServer

/// A body that ends when its reader may not read on.
///
/// An event stream says why, as `event: close`; any other body is cut, so that nobody takes it for
/// complete.
final class WatchedBody: BodySource {
    private let body: any BodySource
    private let admission: Admission
    private let isEventStream: Bool
    private let access = AccessEnd()
    private let isExplained = Mutex(false)

    /// Watches over `body`, which is sent behind `head`.
    init(_ body: any BodySource, _ admission: Admission, _ head: ResponseHead) {
        self.body = body
        self.admission = admission
        isEventStream = head.fields.contains {
            $0.name == "Content-Type" && $0.value == EventStream.contentType
        }
    }

    func opened(_ wake: SocketWake) {
        body.opened(wake)
        access.start(admission) { wake.wake() }
    }

    func pull() -> BodyPull {
        guard let reason = access.reason else { return body.pull() }
        let isFirst = isExplained.withLock { isExplained in
            defer { isExplained = true }
            return !isExplained
        }
        guard isEventStream else { return .abort }
        let closing = EventStream.close(reason.code, reason: reason.text)
        return isFirst ? .bytes(ByteBlock(closing)) : .end
    }

    func closed() {
        access.stop()
        body.closed()
    }
}
