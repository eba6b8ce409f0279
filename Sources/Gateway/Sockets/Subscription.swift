import ByteBlocks
import Logging
import Store
import Synchronization

/// One thing that a socket of many reads: a log, or events.
///
/// ``next(wake:)`` is for the server's thread; ``close()`` may come from anywhere.
final class Subscription: Sendable {
    /// Where it gets what it gives.
    enum Source: Sendable {
        case log(LogOutput)
        case events(any EventSource)
    }

    /// What comes next.
    enum Step {
        /// A frame to send.
        case block(ByteBlock)
        /// Nothing yet; the wake will be called.
        case wait
        /// Nothing more, and why.
        case closed(CloseCode, reason: String)
    }

    /// The stream that it reads, by which frames are told apart; `nil` for events.
    let stream: String?
    /// The durable consumer whose events it reads.
    let consumer: String?
    private let source: Source
    private let logger: Logger
    private let admission: Admission
    private let access = AccessEnd()
    private let isWatched = Mutex(false)
    private let due = Mutex<ArraySlice<EventRecord>>([])

    /// Gives what `source` gives, for as long as it may be read.
    init(
        _ source: Source, for admission: Admission, stream: String? = nil, consumer: String? = nil,
        logger: Logger
    ) {
        self.source = source
        self.admission = admission
        self.logger = logger
        self.stream = stream
        self.consumer = consumer
    }

    /// Takes the next frame. After ``Step/wait`` the closure `wake` is called when to ask again.
    func next(wake: @escaping @Sendable () -> Void) -> Step {
        if admission.isWatched,
            isWatched.withLock({ isWatched in
                defer { isWatched = true }
                return !isWatched
            })
        {
            access.start(admission, wake: wake)
        }
        if let end = access.reason { return .closed(end.code, reason: end.text) }
        switch source {
        case .log(let output): return Self.step(output.next(wake: wake))
        case .events(let source):
            if let event = due.withLock({ $0.popFirst() }) {
                return .block(SocketAnswer.event(event.json))
            }
            return step(source.next(wake: wake))
        }
    }

    /// Reads no more. Idempotent.
    func close() {
        access.stop()
        switch source {
        case .log(let output): output.close()
        case .events(let source): source.close()
        }
        due.withLock { $0 = [] }
    }

    private static func step(_ step: LogOutput.Step) -> Step {
        switch step {
        case .block(let block): .block(block)
        case .wait: .wait
        case .end: .closed(.end, reason: "end of the log")
        case .cut: .closed(.goingAway, reason: "the daemon goes down")
        case .failed: .closed(.storeFailed, reason: StatusResponse.internalError.message)
        }
    }

    private func step(_ step: EventReader.Step) -> Step {
        switch step {
        case .events(let events):
            due.withLock { $0 = events.dropFirst() }
            return events.first.map { .block(SocketAnswer.event($0.json)) } ?? .wait
        case .wait: return .wait
        case .end: return .closed(.goingAway, reason: "the daemon goes down")
        case .closed(let code, let reason): return .closed(code, reason: reason)
        case .failed(let refusal as StatusResponse):
            return .closed(CloseCode(refusal), reason: refusal.message)
        case .failed(let error):
            logger.error("events could not be read", metadata: ["error": "\(error)"])
            return .closed(.storeFailed, reason: StatusResponse.internalError.message)
        }
    }
}
