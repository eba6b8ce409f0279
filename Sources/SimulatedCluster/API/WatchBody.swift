import ByteBlocks
import LogModel
import Synchronization
import WebServer

/// The body of a watch: one JSON object a line, a position in the cluster's history.
///
/// | what | event |
/// | --- | --- |
/// | objects that are there, for a watch from nowhere or one that asks for them | `ADDED` each |
/// | the end of those, where asked for | `BOOKMARK` with `k8s.io/initial-events-end` |
/// | a change | `ADDED` `MODIFIED` `DELETED`, by whether the selection held before and after |
/// | a minute has passed, or the watch is about to end, where asked for | `BOOKMARK` |
/// | the position is forgotten | `ERROR` with a Status 410, then the end |
/// | a ``WatchFault`` is due | what it says |
final class WatchBody<Record: ObjectRecord>: BodySource {
    private struct State {
        var position: Int
        var wake: SocketWake?
        var initial: [Record]
        var marksInitialEnd: Bool
        var nextBookmark: LogTime
        /// Set when nothing but this answer will follow.
        var over: BodyPull?
        var hasAlarm = false
    }

    /// Changes that one pull looks at: bounds the time on the server thread.
    private static var changesAPull: Int { 256 }

    private let cluster: Cluster
    private let request: WatchRequest
    private let encoder: WatchEncoder<Record>
    private let end: LogTime
    private let fault: (kind: FaultKind, at: LogTime)?
    private let state: Mutex<State>

    /// The watch that was asked for.
    init(_ request: WatchRequest, cluster: Cluster, asTable: Bool) {
        self.cluster = cluster
        self.request = request
        encoder = WatchEncoder<Record>(asTable: asTable, clock: cluster.clock)
        let now = cluster.clock.now
        end = now + (request.timeout ?? cluster.settings.watchDuration)
        fault = cluster.nextWatchFault().map { ($0.kind, now + $0.after) }
        var position = request.version ?? 0
        var initial: [Record] = []
        if request.version == nil || request.sendsInitialEvents {
            let list = cluster.list(Record.self, request.selection, after: nil, limit: .max)
            initial = list.records
            position = list.version
        }
        state = Mutex(
            State(
                position: position, initial: initial,
                marksInitialEnd: request.sendsInitialEvents,
                nextBookmark: now + cluster.settings.bookmarkInterval))
    }

    func opened(_ wake: SocketWake) {
        state.withLock { $0.wake = wake }
        cluster.remember(watcher: self, wake)
        cluster.timers.schedule(at: min(end, fault?.at ?? end)) { wake.wake() }
    }

    func pull() -> BodyPull {
        let now = cluster.clock.now
        return state.withLock { state in
            if let over = state.over { return over }
            var bytes: [UInt8] = []
            if let fault, now >= fault.at {
                strike(fault.kind, &state, &bytes)
            } else if !state.initial.isEmpty || state.marksInitialEnd {
                sendInitial(&state, &bytes)
            } else {
                sendChanges(&state, &bytes)
            }
            if bytes.isEmpty, state.over == nil {
                if request.wantsBookmarks { bookmark(now, &state, &bytes) }
                if now >= end { state.over = .end }
            }
            return bytes.isEmpty ? state.over ?? .wait : .bytes(ByteBlock(bytes))
        }
    }

    func closed() {
        cluster.forget(watcher: self)
    }

    private func sendInitial(_ state: inout State, _ bytes: inout [UInt8]) {
        let batch = state.initial.prefix(Self.changesAPull)
        for record in batch { encoder.event("ADDED", record, to: &bytes) }
        state.initial.removeFirst(batch.count)
        if state.initial.isEmpty, state.marksInitialEnd {
            state.marksInitialEnd = false
            encoder.bookmark(state.position, endsInitial: true, to: &bytes)
        }
    }

    private func sendChanges(_ state: inout State, _ bytes: inout [UInt8]) {
        // A batch may hold nothing for this watch: look on, up to what the cluster has now.
        for _ in 0..<1_000 where bytes.isEmpty {
            guard
                let (changes, version) = cluster.changes(
                    of: Record.self, after: state.position, limit: Self.changesAPull)
            else {
                let oldest = cluster.oldestVersion(of: Record.self)
                expire(oldest, &state, &bytes)
                return
            }
            for change in changes {
                if let type = change.event(for: request.selection) {
                    encoder.event(type, change.after, to: &bytes)
                }
            }
            state.position = version
            if changes.count < Self.changesAPull { return }
        }
    }

    private func strike(_ kind: FaultKind, _ state: inout State, _ bytes: inout [UInt8]) {
        cluster.faults.count(kind)
        state.over = kind == .watchCut ? .abort : .end
        if kind == .watch410 { expire(cluster.version, &state, &bytes) }
    }

    private func expire(_ oldest: Int, _ state: inout State, _ bytes: inout [UInt8]) {
        encoder.error(
            .expired("too old resource version: \(state.position) (\(oldest))"), to: &bytes)
        state.over = .end
    }

    private func bookmark(_ now: LogTime, _ state: inout State, _ bytes: inout [UInt8]) {
        if now >= end {
            encoder.bookmark(state.position, endsInitial: false, to: &bytes)
        } else if now >= state.nextBookmark {
            encoder.bookmark(state.position, endsInitial: false, to: &bytes)
            state.nextBookmark = now + cluster.settings.bookmarkInterval
            state.hasAlarm = false
        }
        if let wake = state.wake, now < end, !state.hasAlarm {
            state.hasAlarm = true
            cluster.timers.schedule(at: state.nextBookmark) { wake.wake() }
        }
    }
}
